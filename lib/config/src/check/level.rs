//! A map together with the maps it inherits from.

use crate::json::Value;

/// A subnet in its shared network in the global map, or fewer of them.
#[derive(Clone, Copy)]
pub(super) struct Level<'a> {
    /// The innermost map.
    pub(super) map: &'a Value,
    outer: Option<&'a Level<'a>>,
}

impl<'a> Level<'a> {
    pub(super) fn global(map: &'a Value) -> Self {
        Self { map, outer: None }
    }

    pub(super) fn inner(&'a self, map: &'a Value) -> Level<'a> {
        Level { map, outer: Some(self) }
    }

    /// The value of `keyword` here or in the nearest map around that has it.
    pub(super) fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.map.get(keyword).or_else(|| self.outer?.get(keyword))
    }

    /// Whether this map itself has one of `keywords`.
    pub(super) fn has_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.map.get(keyword).is_some())
    }
}

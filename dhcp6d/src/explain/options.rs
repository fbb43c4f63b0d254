//! The options of a would-be client of DHCPv6, in bytes.

use kotare_config::v6::Config6;
use kotare_control::shortened;
use kotare_options::{Encoded, Universe, nest, vendor_space_id};
use kotare_server::explain;
use kotare_wire::v6::OptionCode;
use serde_json::Value as Json;

/// Options in the order given; there may be several of one code.
#[derive(Debug, Default)]
pub(super) struct Options(Vec<(OptionCode, Vec<u8>)>);

impl Options {
    /// Reads a list of options. Those of a space that is inside an option are put into it.
    pub(super) fn read(list: Option<&Json>, config: &Config6) -> Result<Self, String> {
        let all = explain::options(list, &config.definitions, Universe::V6)?;
        let space = Universe::V6.space();
        let (outer, inner): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.space == space);
        let is_inside = |space: &str| outer.iter().chain(&inner).any(|it| it.encapsulates == space);
        let lost = inner.iter().find(|it| !is_inside(&it.space) && vendor_space_id(&it.space).is_none());
        if let Some(lost) = lost {
            return Err(format!(
                "bad 'options' entry: no option carries the space '{}'",
                shortened(&lost.space)
            ));
        }
        let mut options = Self::default();
        for option in &outer {
            let value = nest(option, &inner).map_err(|error| format!("bad 'options' entry: {error}"))?;
            options.0.push((OptionCode(option.code), value));
        }
        options.add_vendors(&inner);
        Ok(options)
    }

    /// Puts the options of vendors' spaces into options 17, one for each vendor.
    fn add_vendors(&mut self, inner: &[Encoded]) {
        let mut vendors: Vec<(u32, Vec<u8>)> = Vec::new();
        for option in inner {
            let Some(id) = vendor_space_id(&option.space) else { continue };
            let at = vendors.iter().position(|(vendor, _)| *vendor == id).unwrap_or_else(|| {
                vendors.push((id, id.to_be_bytes().to_vec()));
                vendors.len() - 1
            });
            let value = &mut vendors[at].1;
            value.extend(option.code.to_be_bytes());
            // An option that was read is no longer than this.
            value.extend((option.data.len() as u16).to_be_bytes());
            value.extend(&option.data);
        }
        self.0.extend(vendors.into_iter().map(|(_, value)| (OptionCode::VENDOR_OPTS, value)));
    }

    /// Adds an option that an argument of its own is for.
    pub(super) fn set(&mut self, code: OptionCode, value: Option<Vec<u8>>) -> Result<(), String> {
        let Some(value) = value else { return Ok(()) };
        if self.has(code) {
            return Err(format!(
                "option {} is given twice, by 'options' and by an argument of its own",
                code.0
            ));
        }
        self.0.push((code, value));
        Ok(())
    }

    /// Adds another one, of whose code there may be several.
    pub(super) fn push(&mut self, code: OptionCode, value: Vec<u8>) {
        self.0.push((code, value));
    }

    pub(super) fn has(&self, code: OptionCode) -> bool {
        self.0.iter().any(|(own, _)| *own == code)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (OptionCode, &[u8])> {
        self.0.iter().map(|(code, value)| (*code, &**value))
    }
}

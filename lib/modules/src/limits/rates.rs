//! How many packets are answered in a time.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kotare_expr::{Memberships, Packet};
use kotare_model::SubnetId;
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;

use super::configured::{Limits, Rate};
use super::messages::*;
use super::window::Window;
use super::{Limited, LimitedClass, LimitedSubnet, Limiter};

/// So many classes of one template have a window of their own; further ones share one. Clients choose what they are called.
const MOST: usize = 65_536;

/// The packets of late of one subnet or class, or of each class that a template makes, by its value.
#[derive(Debug, Default)]
pub(super) struct Windows(Mutex<HashMap<Box<[u8]>, Window>>);

impl Windows {
    /// Those there were before, if they are of the same unit of time.
    pub(super) fn again(before: Option<(&Limits, &Arc<Self>)>, now: &Limits) -> Arc<Self> {
        let unit = |limits: &Limits| limits.rate.as_ref().map(|rate| rate.unit);
        match before {
            Some((limits, windows)) if unit(limits) == unit(now) => windows.clone(),
            _ => Arc::default(),
        }
    }
}

/// The window of a value.
fn window<'a>(
    windows: &'a mut HashMap<Box<[u8]>, Window>,
    value: &[u8],
    rate: &Rate,
    now: Duration,
) -> &'a mut Window {
    if windows.len() >= MOST && !windows.contains_key(value) {
        windows.retain(|_, window| {
            window.admits(1, rate.unit, now);
            !window.is_empty()
        });
    }
    let is_full = windows.len() >= MOST && !windows.contains_key(value);
    // No class is made of an empty value.
    windows.entry(if is_full { Box::default() } else { value.into() }).or_default()
}

impl<L: Limited> Limiter<L> {
    /// The time since 1970-01-01T00:00:00Z.
    fn now(&self) -> Duration {
        self.server.get().map_or(Duration::ZERO, |server| server.since_epoch())
    }

    /// Whether a message may be answered by what it belongs to. If so, it counts for all of that.
    pub(super) fn admits_by_class(&self, classes: &Memberships, packet: &impl Packet) -> bool {
        let now = self.now();
        let mut held: SmallVec<[(MutexGuard<'_, _>, Vec<u8>, &Rate); 2]> = SmallVec::new();
        for (class, value) in self.classes_of(classes, packet) {
            let LimitedClass { limits: Limits { rate: Some(rate), .. }, windows, .. } = class else {
                continue;
            };
            let mut windows = windows.0.lock();
            if !window(&mut windows, &value, rate, now).admits(rate.packets, rate.unit, now) {
                let (names, name) = (self.text(classes), class.name(&value));
                LIMITS_PACKET_WITH_CLIENT_CLASSES_RATE_LIMIT_DROPPED(names, rate, name);
                return false;
            }
            held.push((windows, value, rate));
        }
        if !held.is_empty() {
            LIMITS_PACKET_WITH_CLIENT_CLASSES_RATE_LIMIT_HONORED(self.text(classes));
        }
        for (mut windows, value, rate) in held {
            window(&mut windows, &value, rate, now).add(rate.unit, now);
        }
        true
    }

    /// Whether a message may be answered by the subnet that was selected for it.
    pub(super) fn admits_by_subnet(&self, subnet: Option<SubnetId>) -> bool {
        let Some(id) = subnet else {
            LIMITS_PACKET_WIIH_SUBNET_ID_RATE_NO_SUBNET();
            return true;
        };
        let Some(LimitedSubnet { limits: Limits { rate: Some(rate), .. }, windows }) = self.subnets.get(&id)
        else {
            return true;
        };
        let now = self.now();
        let mut windows = windows.0.lock();
        let window = window(&mut windows, &[], rate, now);
        let admits = window.admits(rate.packets, rate.unit, now);
        match admits {
            true => {
                window.add(rate.unit, now);
                LIMITS_PACKET_WITH_SUBNET_ID_RATE_LIMIT_HONORED(id, rate);
            }
            false => LIMITS_PACKET_WITH_SUBNET_ID_RATE_LIMIT_DROPPED(id, rate),
        }
        admits
    }

    fn text<'a>(&'a self, classes: &'a Memberships) -> Names<'a> {
        Names { names: &self.names, classes }
    }
}

/// What a message belongs to, in words.
struct Names<'a> {
    names: &'a [Box<str>],
    classes: &'a Memberships,
}

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.classes.in_order().filter_map(|id| self.names.get(id.0 as usize));
        for (at, name) in names.enumerate() {
            write!(f, "{}{name}", if at > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

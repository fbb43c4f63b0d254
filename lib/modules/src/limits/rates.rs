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

/// Those that remember nothing are looked for so often at most, when there is no room for more.
const APART: Duration = Duration::from_secs(1);

/// The packets of late of one subnet or class, or of each class that a template makes.
#[derive(Debug, Default)]
pub(super) struct Windows(Mutex<ByValue>);

/// By the value that the template makes.
#[derive(Debug, Default)]
struct ByValue {
    windows: HashMap<Box<[u8]>, Window>,
    /// When it was last looked for those that remember nothing.
    swept: Option<Duration>,
}

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

impl ByValue {
    /// The window of a value.
    fn window(&mut self, value: &[u8], rate: &Rate, now: Duration) -> &mut Window {
        let Self { windows, swept } = self;
        let has_room = |windows: &HashMap<Box<[u8]>, _>| windows.len() < MOST || windows.contains_key(value);
        let is_time = |swept: Duration| now.checked_sub(swept).is_none_or(|since| since >= APART);
        if !has_room(windows) && swept.is_none_or(is_time) {
            *swept = Some(now);
            windows.retain(|_, window| {
                window.admits(1, rate.unit, now);
                !window.is_empty()
            });
        }
        // No class is made of an empty value.
        let value = if has_room(windows) { value } else { &[] };
        windows.entry(value.into()).or_default()
    }
}

impl<L: Limited> Limiter<L> {
    /// The time since 1970-01-01T00:00:00Z.
    fn now(&self) -> Duration {
        self.server.get().map_or(Duration::ZERO, |server| server.since_epoch())
    }

    /// Whether a message may be answered by what it belongs to. If so, it counts for all of that.
    pub(super) fn admits_by_class(&self, classes: &Memberships, packet: &impl Packet) -> bool {
        let now = self.now();
        let limited = self.classes_of(classes, packet);
        let mut limited: SmallVec<[_; 2]> = limited
            .filter_map(|(class, value)| Some((class, value, class.limits.rate.as_ref()?)))
            .enumerate()
            .collect();
        if limited.is_empty() {
            return true;
        }
        // The windows are also had by another configuration, whose classes may come in another order: whoever takes several
        // takes them in an order that all have, so that no two workers wait for each other.
        limited.sort_by_key(|(_, (class, ..))| Arc::as_ptr(&class.windows));
        let mut held: SmallVec<[(usize, Held<'_>); 2]> = limited
            .iter()
            .map(|(at, (class, value, rate))| {
                (*at, Held { class, value, rate, windows: class.windows.0.lock() })
            })
            .collect();
        held.sort_by_key(|(at, _)| *at);
        for (_, Held { class, value, rate, windows }) in &mut held {
            if !windows.window(value, rate, now).admits(rate.packets, rate.unit, now) {
                let (names, name) = (self.text(classes), class.name(value));
                LIMITS_PACKET_WITH_CLIENT_CLASSES_RATE_LIMIT_DROPPED(names, rate, name);
                return false;
            }
        }
        LIMITS_PACKET_WITH_CLIENT_CLASSES_RATE_LIMIT_HONORED(self.text(classes));
        for (_, Held { value, rate, windows, .. }) in &mut held {
            windows.window(value, rate, now).add(rate.unit, now);
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
        let window = windows.window(&[], rate, now);
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

/// A class that a message is of, and its windows.
struct Held<'a> {
    class: &'a LimitedClass,
    value: &'a [u8],
    rate: &'a Rate,
    windows: MutexGuard<'a, ByValue>,
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

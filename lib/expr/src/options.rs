//! Finding the option a path leads to.

use std::fmt::{self, Write as _};

use kotare_options::{AGENT_SPACE, DHCP6_SPACE, DataType, Definition, Universe};
use smallvec::SmallVec;

use crate::{
    Packet,
    ast::{Form, OptionPath, Step, Within},
    evaluate::Evaluation,
    messages::EVAL_DEBUG_OPTION,
    overheard::Hear,
    protocol::Protocol,
    scratch::Bytes,
    shown::{InHex, Plain, Quoted},
};

/// What a path leads to.
struct Found<'a> {
    data: Bytes<'a>,
    space: Space<'a>,
    definition: Option<&'a Definition>,
}

/// The space of an option.
#[derive(Clone, Copy)]
enum Space<'a> {
    /// One in which nothing is defined: nobody knows yet how it is read.
    Unknown,
    Named(&'a str),
    /// That of a vendor.
    Vendor(u32),
}

/// The name of a space, `vendor-4294967295` at the longest if it is that of a vendor. It is not allocated.
#[derive(Default)]
struct SpaceName<'a> {
    given: &'a str,
    made: SmallVec<[u8; 24]>,
}

impl<'a, P: Packet, H: Hear> Evaluation<'a, '_, P, H> {
    pub(crate) fn option_exists(&mut self, path: &'a OptionPath) -> bool {
        let exists = self.look_up(path, "false").is_some();
        EVAL_DEBUG_OPTION(self.label(), path, Quoted(exists));
        exists
    }

    pub(crate) fn option_value(&mut self, path: &'a OptionPath, form: Form) -> Bytes<'a> {
        let value = self.look_up(path, "").map_or(Bytes::EMPTY, |found| match form {
            Form::Bytes => found.data,
            Form::Words => self.words(path, found),
        });
        let shown = self.scratch.view(value);
        match form {
            Form::Bytes => EVAL_DEBUG_OPTION(self.label(), path, InHex(shown)),
            Form::Words => EVAL_DEBUG_OPTION(self.label(), path, Quoted(Plain(shown))),
        }
        value
    }

    /// What is found, as words. Those of a string are the string; others are put together, which allocates.
    fn words(&mut self, path: &OptionPath, found: Found<'a>) -> Bytes<'a> {
        if found.definition.is_some_and(|definition| definition.data_type == DataType::String) {
            return found.data;
        }
        let from = self.scratch.len();
        let code = path.steps.last().map_or(0, |step| step.code);
        let name = found.space.name();
        let data = self.scratch.view(found.data);
        let text = match found.definition {
            // A class may have its own.
            Some(definition) => path.definitions.text_as(definition, data),
            None => path.definitions.to_text(name.as_str(), code, data),
        };
        self.scratch.push(text.as_bytes());
        self.scratch.since(from)
    }

    /// `absent` is logged as the value if it is of a vendor who said nothing.
    fn look_up(&mut self, path: &'a OptionPath, absent: &str) -> Option<Found<'a>> {
        let code = path.steps.first()?.code;
        let (packet, within) = (self.packet, path.within);
        let (space, data) = match within {
            Within::Message => (
                Space::Named(P::Protocol::UNIVERSE.space()),
                P::Protocol::option(packet, code, self.scratch)?,
            ),
            Within::Agent | Within::Relay(_) => {
                let space = if within == Within::Agent { AGENT_SPACE } else { DHCP6_SPACE };
                (Space::Named(space), P::Protocol::relayed(packet, within, code, self.scratch)?)
            }
            Within::Vendor(wanted) => {
                let (all, enterprise) = self.vendor_options(wanted, absent)?;
                let data = P::Protocol::of_vendor(all, enterprise, code, self.scratch)?;
                (Space::Vendor(enterprise), data)
            }
        };
        let steps = match path.depends_on_class {
            true => match self.steps_of_class(path) {
                Some(steps) => steps,
                None if path.steps.len() > 1 => return None,
                None => return Some(Found { data, space: Space::Unknown, definition: None }),
            },
            false => &path.steps,
        };
        self.follow(path, steps, space, data)
    }

    /// The steps as they are for the packet's classes; `None` as long as these are not known.
    fn steps_of_class(&self, path: &'a OptionPath) -> Option<&'a [Step]> {
        P::Protocol::is_classified(self.packet).then(|| {
            let mut own = path.of_classes.iter().filter(|(class, _)| self.packet.is_member(*class));
            own.next().map_or(&*path.steps, |(_, steps)| steps)
        })
    }

    /// From the data of the first step to those of the last.
    fn follow(
        &mut self,
        path: &'a OptionPath,
        steps: &'a [Step],
        mut space: Space<'a>,
        data: Bytes<'a>,
    ) -> Option<Found<'a>> {
        let mut steps = steps.iter();
        let mut code = steps.next()?;
        let mut definition = definition(path, code, space);
        let mut data = self.received(definition, data)?;
        for step in steps {
            let at_top = || matches!(space, Space::Named(name) if name == P::Protocol::UNIVERSE.space());
            if code.code == P::Protocol::VENDOR_OPTIONS && at_top() {
                let enterprise = P::Protocol::enterprise(self.scratch.view(data))?;
                data = P::Protocol::of_vendor(data, enterprise, step.code, self.scratch)?;
                space = Space::Vendor(enterprise);
            } else {
                let outer = definition?;
                data = self
                    .scratch
                    .pieces(data, |data, take| P::Protocol::inside(outer, data, step.code, take))?;
                space = Space::Named(outer.space_inside());
            }
            code = step;
            definition = self::definition(path, step, space);
            data = self.received(definition, data)?;
        }
        Some(Found { data, space, definition })
    }

    /// What an option counts as when it is received: a string ends at the NUL bytes behind it.
    fn received(&self, definition: Option<&Definition>, data: Bytes<'a>) -> Option<Bytes<'a>> {
        let Some(definition) = definition else { return Some(data) };
        let length = definition.received(self.scratch.view(data))?.len();
        Some(data.slice(0, length))
    }
}

/// The definition of a step: known from the text, or else looked up now that its space is known.
fn definition<'a>(path: &'a OptionPath, step: &'a Step, space: Space<'a>) -> Option<&'a Definition> {
    step.definition.as_ref().or_else(|| match space {
        Space::Vendor(_) => path.definitions.by_code(space.name().as_str(), step.code),
        // Inside what a vendor defines.
        Space::Named(name) if path.leads_to_vendor() => path.definitions.by_code(name, step.code),
        _ => None,
    })
}

impl OptionPath {
    /// Whether it leads to an option of a vendor, and it may be that only the packet tells which.
    fn leads_to_vendor(&self) -> bool {
        let mut outer = self.steps.iter().rev().skip(1).map(|step| step.code);
        match (self.within, self.definitions.universe()) {
            (Within::Vendor(_), _) => true,
            (Within::Message, Universe::V4) => self.steps.first().is_some_and(|step| step.code == 125),
            (Within::Agent | Within::Relay(_), Universe::V4) => false,
            (_, Universe::V6) => outer.any(|code| code == 17),
        }
    }
}

/// Whether the meaning of the option that a path begins with may depend on the class of the client.
pub(crate) fn may_depend_on_class(universe: Universe, within: Within, code: u16) -> bool {
    universe == Universe::V4 && within == Within::Message && (code == 43 || (224..=254).contains(&code))
}

impl<'a> Space<'a> {
    fn name(self) -> SpaceName<'a> {
        let mut name = SpaceName::default();
        match self {
            Self::Unknown => {}
            Self::Named(given) => name.given = given,
            // It has room for it.
            Self::Vendor(enterprise) => _ = write!(name, "vendor-{enterprise}"),
        }
        name
    }
}

impl SpaceName<'_> {
    fn as_str(&self) -> &str {
        if self.made.is_empty() { self.given } else { std::str::from_utf8(&self.made).unwrap_or_default() }
    }
}

impl fmt::Write for SpaceName<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.made.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

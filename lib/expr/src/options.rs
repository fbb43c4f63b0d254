//! Finding the option a path leads to.

use std::fmt::{self, Write as _};

use kotare_options::{AGENT_SPACE, DHCP4_SPACE, DataType, Definition};
use kotare_wire::v4::{SubOptions, VendorParts};
use smallvec::SmallVec;

use crate::{
    Packet4,
    ast::{Form, OptionPath, Step, Within},
    evaluate::Evaluation,
    messages::EVAL_DEBUG_OPTION,
    scratch::Bytes,
    shown::{InHex, Plain, Quoted},
    vendor::lowest,
};

/// Relay agent information, RFC 3046.
const AGENT_INFORMATION: u8 = 82;
/// Vendor-identifying vendor-specific information, RFC 3925 §4.
pub(crate) const VENDOR_OPTIONS: u8 = 125;

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

impl<'a, P: Packet4> Evaluation<'a, '_, P> {
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
            None => path.definitions.to_text(name.as_str(), code.into(), data),
        };
        self.scratch.push(text.as_bytes());
        self.scratch.since(from)
    }

    /// `absent` is logged as the value if it is of a vendor who said nothing.
    fn look_up(&mut self, path: &'a OptionPath, absent: &str) -> Option<Found<'a>> {
        let code = path.steps.first()?.code;
        let (space, data) = match path.within {
            Within::Message => (Space::Named(DHCP4_SPACE), self.option(code)?),
            Within::Agent => {
                let all = self.option(AGENT_INFORMATION)?;
                (Space::Named(AGENT_SPACE), self.sub_option(all, |all| Some(SubOptions::new(all)), code)?)
            }
            Within::Vendor(wanted) => {
                let (all, enterprise) = self.vendor_options(wanted, absent)?;
                (Space::Vendor(enterprise), self.of_vendor(all, enterprise, code)?)
            }
        };
        let steps = match path.within {
            Within::Message if may_depend_on_class(code) => match self.steps_of_class(path) {
                Some(steps) => steps,
                None if path.steps.len() > 1 => return None,
                None => return Some(Found { data, space: Space::Unknown, definition: None }),
            },
            _ => &path.steps,
        };
        self.follow(path, steps, space, data)
    }

    /// The steps as they are for the packet's classes; `None` as long as these are not known.
    fn steps_of_class(&self, path: &'a OptionPath) -> Option<&'a [Step]> {
        self.packet.is_classified().then(|| {
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
            if code.code == VENDOR_OPTIONS && matches!(space, Space::Named(DHCP4_SPACE)) {
                let enterprise = lowest(self.scratch.view(data))?;
                data = self.of_vendor(data, enterprise, step.code)?;
                space = Space::Vendor(enterprise);
            } else {
                let outer = definition?;
                data = self.sub_option(data, |data| outer.sub_options_in(data), step.code)?;
                space = Space::Named(&outer.encapsulates);
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

    /// The payload of an option of the message.
    pub(crate) fn option(&mut self, code: u8) -> Option<Bytes<'a>> {
        let value = self.packet.option(code)?;
        Some(value.as_slice().map_or_else(
            || {
                let from = self.scratch.len();
                value.chunks().for_each(|chunk| self.scratch.push(chunk));
                self.scratch.since(from)
            },
            Bytes::Borrowed,
        ))
    }

    /// A sub-option of a vendor in the value of option 125.
    fn of_vendor(&mut self, all: Bytes<'a>, enterprise: u32, code: u8) -> Option<Bytes<'a>> {
        let own = self.pieces(all, |all, take| {
            VendorParts::new(all).filter(|(of, _)| *of == enterprise).for_each(|(_, part)| take(part));
        })?;
        self.sub_option(own, |own| Some(SubOptions::new(own)), code)
    }

    fn sub_option(
        &mut self,
        data: Bytes<'a>,
        sub_options: impl for<'b> Fn(&'b [u8]) -> Option<SubOptions<'b>>,
        code: u8,
    ) -> Option<Bytes<'a>> {
        self.pieces(data, |data, take| {
            let sub_options = sub_options(data).into_iter().flatten();
            sub_options.filter(|(at, _)| *at == code).for_each(|(_, part)| take(part));
        })
    }

    /// The pieces of `data` that `select` takes, as one; `None` when it takes none. Where there is one piece, it stays
    /// where it is.
    pub(crate) fn pieces(
        &mut self,
        data: Bytes<'a>,
        select: impl for<'b> Fn(&'b [u8], &mut dyn FnMut(&'b [u8])),
    ) -> Option<Bytes<'a>> {
        let from = self.scratch.len();
        let mut pieces = 0;
        match data {
            Bytes::Borrowed(data) => {
                let mut first: &'a [u8] = &[];
                select(data, &mut |piece| {
                    match pieces {
                        0 => first = piece,
                        1 => {
                            self.scratch.push(first);
                            self.scratch.push(piece);
                        }
                        _ => self.scratch.push(piece),
                    }
                    pieces += 1;
                });
                if pieces == 1 {
                    return Some(Bytes::Borrowed(first));
                }
            }
            // Rare: it came in pieces itself.
            Bytes::Made { .. } => {
                let data: SmallVec<[u8; 512]> = SmallVec::from_slice(self.scratch.view(data));
                select(&data, &mut |piece| {
                    self.scratch.push(piece);
                    pieces += 1;
                });
            }
        }
        (pieces > 0).then(|| self.scratch.since(from))
    }
}

/// The definition of a step: known from the text, or else looked up now that its space is known.
fn definition<'a>(path: &'a OptionPath, step: &'a Step, space: Space<'a>) -> Option<&'a Definition> {
    step.definition.as_ref().or_else(|| match space {
        Space::Vendor(_) => path.definitions.by_code(space.name().as_str(), step.code.into()),
        // Inside what a vendor defines.
        Space::Named(name) if path.leads_to_vendor() => path.definitions.by_code(name, step.code.into()),
        _ => None,
    })
}

impl OptionPath {
    /// Whether the first step or the second is an option of a vendor.
    fn leads_to_vendor(&self) -> bool {
        let first = self.steps.first().map(|step| step.code);
        match self.within {
            Within::Vendor(_) => true,
            Within::Message => first == Some(VENDOR_OPTIONS),
            Within::Agent => false,
        }
    }
}

/// Whether the meaning of an option of the message may depend on the class of the client.
pub(crate) fn may_depend_on_class(code: u8) -> bool {
    code == 43 || (224..=254).contains(&code)
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

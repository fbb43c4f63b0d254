//! Options, sub-options, and what vendors say.

use kotare_options::{AGENT_SPACE, DHCP6_SPACE, Definition, Definitions, Universe};
use kotare_wire::v6;

use super::{Fault, Operand, Parser};
use crate::{
    ClassId,
    ast::{Condition, Enterprise, Field, Form, OptionPath, RelayField, Step, Text, Within},
    lexer::Kind,
    options::may_depend_on_class,
};

impl Parser<'_, '_> {
    /// Something that starts with `option`, `relay4`, `relay6`, `vendor` or `vendor-class`; `None` when it does not.
    pub(super) fn option_word(&mut self) -> Result<Option<Operand>, Fault> {
        let Kind::Symbol(word) = self.peek() else { return Ok(None) };
        let read: fn(&mut Self) -> Result<Operand, Fault> = match word {
            "option" => |parser| {
                parser.next += 1;
                let code = parser.code(true)?;
                parser.path(Within::Message, code)
            },
            "relay4" => |parser| {
                parser.only_in(Universe::V4, "relay4")?;
                parser.next += 1;
                let code = parser.code(false)?;
                parser.path(Within::Agent, code)
            },
            "relay6" => Self::relay,
            "vendor" => Self::vendor,
            "vendor-class" => Self::vendor_class,
            _ => return Ok(None),
        };
        read(self).map(Some)
    }

    /// `relay6[nest].option[code]…`, `relay6[nest].peeraddr` or `relay6[nest].linkaddr`.
    fn relay(&mut self) -> Result<Operand, Fault> {
        self.only_in(Universe::V6, "relay6")?;
        self.next += 1;
        self.expect("[")?;
        let most = v6::MAX_RELAYS as i64;
        let nest = self.integer("a nest level", -most, most - 1)?;
        self.expect("]")?;
        self.expect(".")?;
        if self.take("option") {
            let code = self.code(false)?;
            return self.path(Within::Relay(nest), code);
        }
        let fields = [RelayField::PeerAddress, RelayField::LinkAddress];
        self.field_of(&fields.map(|field| Field::OfRelay(nest, field))).map(Operand::Text)
    }

    /// Refuses what the other protocol has not.
    pub(super) fn only_in(&self, universe: Universe, word: &str) -> Result<(), Fault> {
        if self.options.universe() == universe {
            return Ok(());
        }
        Err((self.at(), format!("{word} can only be used in {}", universe.protocol())))
    }

    /// `vendor…`: `.enterprise`, `[enterprise].exists` or `[enterprise].option[code]…`.
    fn vendor(&mut self) -> Result<Operand, Fault> {
        self.next += 1;
        if self.take(".") {
            self.expect("enterprise")?;
            return Ok(Operand::Text(Text::VendorEnterprise));
        }
        let enterprise = self.enterprise()?;
        self.expect(".")?;
        if self.take("exists") {
            return Ok(Operand::Condition(Condition::VendorExists(enterprise)));
        }
        if !self.take("option") {
            return Err(self.unexpected("'exists' or 'option'"));
        }
        let code = self.code(false)?;
        self.path(Within::Vendor(enterprise), code)
    }

    /// `vendor-class…`: `.enterprise`, `[enterprise].exists`, `[enterprise].data` or `….data[index]`.
    fn vendor_class(&mut self) -> Result<Operand, Fault> {
        self.next += 1;
        if self.take(".") {
            self.expect("enterprise")?;
            return Ok(Operand::Text(Text::VendorClassEnterprise));
        }
        let enterprise = self.enterprise()?;
        self.expect(".")?;
        if self.take("exists") {
            return Ok(Operand::Condition(Condition::VendorClassExists(enterprise)));
        }
        if !self.take("data") {
            return Err(self.unexpected("'exists' or 'data'"));
        }
        let mut index = 0;
        if self.take("[") {
            index = self.integer("an index of data", 0, u8::MAX.into())?;
            self.expect("]")?;
        }
        Ok(Operand::Text(Text::VendorClassData(enterprise, index)))
    }

    /// After the first code of a path: sub-options, and what of the last one is asked for.
    fn path(&mut self, within: Within, first: u16) -> Result<Operand, Fault> {
        let mut codes = vec![first];
        loop {
            self.expect(".")?;
            if self.take("option") {
                // Sub-options of the message have numbers; elsewhere Kea reads names as those of options.
                codes.push(self.code(within != Within::Message)?);
                continue;
            }
            let form = match self.peek() {
                Kind::Symbol("exists") => None,
                Kind::Symbol("hex") => Some(Form::Bytes),
                Kind::Symbol("text") => Some(Form::Words),
                _ => return Err(self.unexpected("'exists', 'hex', 'text' or 'option'")),
            };
            self.next += 1;
            let steps = steps(self.options, within, &codes);
            let depends_on_class = may_depend_on_class(self.options.universe(), within, first);
            let of_classes = if depends_on_class { self.of_classes(&codes) } else { Box::default() };
            let definitions = self.options.clone();
            let path = Box::new(OptionPath { within, steps, depends_on_class, of_classes, definitions });
            return Ok(match form {
                None => Operand::Condition(Condition::OptionExists(path)),
                Some(form) => Operand::Text(Text::Option(path, form)),
            });
        }
    }

    /// The steps as classes have them that define the option themselves.
    fn of_classes(&self, codes: &[u16]) -> Box<[(ClassId, Box<[Step]>)]> {
        let Some(code) = codes.first().and_then(|&code| u8::try_from(code).ok()) else {
            return Box::default();
        };
        let own = self.of_classes.iter().filter(|(_, definitions)| definitions.of_class(code).is_some());
        own.map(|(class, definitions)| (*class, steps(definitions, Within::Message, codes))).collect()
    }

    /// `[code]`, or `[name]` of an option of the message.
    fn code(&mut self, names: bool) -> Result<u16, Fault> {
        self.expect("[")?;
        let code = match self.peek() {
            Kind::Name(name) if names => {
                let definition = self.options.by_name(self.options.universe().space(), name);
                self.next += 1;
                definition.map(|definition| definition.code).ok_or_else(|| {
                    let at = self.tokens[self.next - 1].at;
                    (at, format!("option '{name}' is not defined"))
                })?
            }
            _ => {
                let what = if names { "an option code or name" } else { "a sub-option code" };
                self.integer(what, 0, self.options.universe().max_code().into())?
            }
        };
        self.expect("]")?;
        Ok(code)
    }

    /// `[number]`, or `[*]` for any.
    fn enterprise(&mut self) -> Result<Enterprise, Fault> {
        self.expect("[")?;
        let number: u32 =
            if self.take("*") { 0 } else { self.integer("an enterprise number or '*'", 0, u32::MAX.into())? };
        self.expect("]")?;
        Ok(std::num::NonZeroU32::new(number))
    }
}

/// The definitions along a path, as far as they do not depend on the packet.
fn steps(definitions: &Definitions, within: Within, codes: &[u16]) -> Box<[Step]> {
    let mut space = match within {
        Within::Message => Some(definitions.universe().space().to_owned()),
        Within::Agent => Some(AGENT_SPACE.to_owned()),
        Within::Relay(_) => Some(DHCP6_SPACE.to_owned()),
        Within::Vendor(enterprise) => enterprise.map(|enterprise| format!("vendor-{enterprise}")),
    };
    let step = |code: &u16| {
        let definition: Option<Definition> =
            space.as_deref().and_then(|space| definitions.by_code(space, *code)).cloned();
        space = definition
            .as_ref()
            .map(|definition| definition.space_inside().to_owned())
            .filter(|space| !space.is_empty());
        Step { code: *code, definition }
    };
    codes.iter().map(step).collect()
}

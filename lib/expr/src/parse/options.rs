//! Options, sub-options, and what vendors say.

use kotare_options::{AGENT_SPACE, DHCP4_SPACE, Definition, Definitions};

use super::{Fault, Operand, Parser};
use crate::{
    ClassId,
    ast::{Condition, Enterprise, Form, OptionPath, Step, Text, Within},
    lexer::Kind,
    options::may_depend_on_class,
};

impl Parser<'_, '_> {
    /// Something that starts with `option`, `relay4`, `vendor` or `vendor-class`; `None` when it does not.
    pub(super) fn option_word(&mut self) -> Result<Option<Operand>, Fault> {
        let Kind::Symbol(word) = self.peek() else { return Ok(None) };
        let read: fn(&mut Self) -> Result<Operand, Fault> = match word {
            "option" => |parser| {
                let code = parser.code(true)?;
                parser.path(Within::Message, code)
            },
            "relay4" => |parser| {
                let code = parser.code(false)?;
                parser.path(Within::Agent, code)
            },
            "vendor" => Self::vendor,
            "vendor-class" => Self::vendor_class,
            _ => return Ok(None),
        };
        self.next += 1;
        read(self).map(Some)
    }

    /// After `vendor`: `.enterprise`, `[enterprise].exists` or `[enterprise].option[code]…`.
    fn vendor(&mut self) -> Result<Operand, Fault> {
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

    /// After `vendor-class`: `.enterprise`, `[enterprise].exists`, `[enterprise].data` or `….data[index]`.
    fn vendor_class(&mut self) -> Result<Operand, Fault> {
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
    fn path(&mut self, within: Within, first: u8) -> Result<Operand, Fault> {
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
            let of_classes = self.of_classes(within, &codes);
            let path = Box::new(OptionPath { within, steps, of_classes, definitions: self.options.clone() });
            return Ok(match form {
                None => Operand::Condition(Condition::OptionExists(path)),
                Some(form) => Operand::Text(Text::Option(path, form)),
            });
        }
    }

    /// The steps as classes have them that define the option themselves.
    fn of_classes(&self, within: Within, codes: &[u8]) -> Box<[(ClassId, Box<[Step]>)]> {
        let &[code, ..] = codes else { return Box::default() };
        if within != Within::Message || !may_depend_on_class(code) {
            return Box::default();
        }
        let own = self.of_classes.iter().filter(|(_, definitions)| definitions.of_class(code).is_some());
        own.map(|(class, definitions)| (*class, steps(definitions, within, codes))).collect()
    }

    /// `[code]`, or `[name]` of an option of the message.
    fn code(&mut self, names: bool) -> Result<u8, Fault> {
        self.expect("[")?;
        let code = match self.peek() {
            Kind::Name(name) if names => {
                let definition = self.options.by_name(DHCP4_SPACE, name);
                let code = definition.and_then(|definition| u8::try_from(definition.code).ok());
                self.next += 1;
                code.ok_or_else(|| {
                    let at = self.tokens[self.next - 1].at;
                    (at, format!("option '{name}' is not defined"))
                })?
            }
            _ => {
                let what = if names { "an option code or name" } else { "a sub-option code" };
                self.integer(what, 0, u8::MAX.into())?
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
fn steps(definitions: &Definitions, within: Within, codes: &[u8]) -> Box<[Step]> {
    let mut space = match within {
        Within::Message => Some(DHCP4_SPACE.to_owned()),
        Within::Agent => Some(AGENT_SPACE.to_owned()),
        Within::Vendor(enterprise) => enterprise.map(|enterprise| format!("vendor-{enterprise}")),
    };
    let step = |code: &u8| {
        let definition: Option<Definition> =
            space.as_deref().and_then(|space| definitions.by_code(space, (*code).into())).cloned();
        space = definition
            .as_ref()
            .map(|definition| definition.encapsulates.to_string())
            .filter(|space| !space.is_empty());
        Step { code: *code, definition }
    };
    codes.iter().map(step).collect()
}

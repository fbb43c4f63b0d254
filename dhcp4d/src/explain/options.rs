//! The options of a would-be client, written as those of a configuration are.

use kotare_config::v4::Config4;
use kotare_control::shortened;
use kotare_options::{
    AGENT_SPACE, DHCP4_SPACE, Encoded, Universe, VENDOR_ENCAPSULATED_SPACE, nest, vendor_space_id,
};
use kotare_server::explain;
use kotare_wire::v4::{OptionCode, push_sub_option};
use serde_json::Value as Json;

/// Options by code, in the order given.
#[derive(Debug, Default)]
pub(super) struct Options(Vec<(OptionCode, Vec<u8>)>);

impl Options {
    /// Reads a list of options: `code` or `name`, `space`, and `data`, `csv-format`, or `hex`.
    pub(super) fn read(list: Option<&Json>, config: &Config4) -> Result<Self, String> {
        let all = explain::options(list, &config.definitions, Universe::V4)?;
        let (mut outer, inner): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.space == DHCP4_SPACE);
        // Sub-options need an option that they are in.
        for space in inner.iter().map(|it| &*it.space) {
            if outer.iter().all(|it| it.encapsulates != *space) {
                outer.extend(parent(space));
            }
        }
        let is_inside = |space: &str| {
            outer.iter().any(|it| it.encapsulates == space) || inner.iter().any(|it| it.encapsulates == space)
        };
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
            options.add(code(option)?, value);
        }
        options.add_vendors(&inner)?;
        Ok(options)
    }

    /// Puts the options of vendors' spaces into option 125.
    fn add_vendors(&mut self, inner: &[Encoded]) -> Result<(), String> {
        let mut vendors: Vec<(u32, Vec<u8>)> = Vec::new();
        for option in inner {
            let Some(id) = vendor_space_id(&option.space) else { continue };
            let at = vendors.iter().position(|(vendor, _)| *vendor == id).unwrap_or_else(|| {
                vendors.push((id, Vec::new()));
                vendors.len() - 1
            });
            push_sub_option(&mut vendors[at].1, code(option)?.0, &option.data);
        }
        for (id, inner) in vendors {
            let len = u8::try_from(inner.len()).map_err(|_| {
                format!(
                    "bad 'options' entry: {} bytes of sub-options of vendor {id}, at most 255 fit",
                    inner.len()
                )
            })?;
            let mut value = id.to_be_bytes().to_vec();
            value.push(len);
            value.extend(inner);
            self.add(OptionCode::VIVSO, value);
        }
        Ok(())
    }

    /// Several of one code are one value, as in a message.
    fn add(&mut self, code: OptionCode, value: Vec<u8>) {
        match self.0.iter_mut().find(|(own, _)| *own == code) {
            Some((_, own)) => own.extend(value),
            None => self.0.push((code, value)),
        }
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
        self.add(code, value);
        Ok(())
    }

    pub(super) fn has(&self, code: OptionCode) -> bool {
        self.0.iter().any(|(own, _)| *own == code)
    }

    pub(super) fn take(&mut self, code: OptionCode) -> Option<Vec<u8>> {
        let at = self.0.iter().position(|(own, _)| *own == code)?;
        Some(self.0.remove(at).1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (OptionCode, &[u8])> {
        self.0.iter().map(|(code, value)| (*code, &**value))
    }

    /// Codes of options, given as such or by name.
    pub(super) fn codes(&self, list: Option<&Json>, config: &Config4) -> Result<Option<Vec<u8>>, String> {
        let Some(codes) = explain::codes(list, &config.definitions, Universe::V4)? else { return Ok(None) };
        let code = |code: u16| {
            u8::try_from(code).map_err(|_| format!("bad 'requested-options' entry: {code} is no option"))
        };
        codes.into_iter().map(code).collect::<Result<_, _>>().map(Some)
    }
}

/// The option that a space is in, where it is known without being given.
fn parent(space: &str) -> Option<Encoded> {
    let code = match space {
        AGENT_SPACE => OptionCode::RELAY_AGENT_INFORMATION,
        VENDOR_ENCAPSULATED_SPACE => OptionCode::VENDOR_ENCAPSULATED_OPTIONS,
        _ => return None,
    };
    Some(Encoded {
        universe: Universe::V4,
        space: DHCP4_SPACE.to_owned(),
        code: code.0.into(),
        data: Vec::new(),
        fields_len: 0,
        encapsulates: space.to_owned(),
        left_over: 0,
    })
}

fn code(option: &Encoded) -> Result<OptionCode, String> {
    let code = u8::try_from(option.code).ok().filter(|code| (1..255).contains(code));
    code.map(OptionCode)
        .ok_or_else(|| format!("bad 'options' entry: {} is no code of an option", option.code))
}

/// Adds a sub-option.
pub(super) fn sub_option(value: &mut Vec<u8>, code: u8, data: &[u8]) {
    push_sub_option(value, code, data);
}

//! Reservations that are kept outside the configuration: what their names of classes and their options mean under one.
//!
//! A configuration is not changed by them: a class that nothing in it names has no id, and makes no difference.

use kotare_expr::{ClassId, ClassSet};
use kotare_model::{Hex, OptionData, Reservation, ReservedOption};
use kotare_options::{Definitions, Encoded, OptionError, OptionText};

use super::Protocol;
use super::classes::ClassesOf;
use super::options::{Placed, place};
use crate::common::{ConfiguredOption, Guard, Options, VendorOption};

/// The classes that the client belongs to.
pub(crate) fn classes<F: Protocol, R>(kept: &Reservation<R>, classes: &ClassesOf<F>) -> Box<[ClassId]> {
    kept.classes.iter().filter_map(|name| classes.id(name)).collect()
}

/// The options. `left_out` hears why one is not sent.
pub(crate) fn options<F: Protocol, R>(
    kept: &Reservation<R>,
    definitions: &Definitions,
    classes: &ClassesOf<F>,
    mut left_out: impl FnMut(OptionError),
) -> Option<Box<Options<F::Codes>>> {
    let (mut encoded, mut of) = (Vec::new(), Vec::new());
    for option in kept.options.iter().take(Options::<F::Codes>::LIMIT) {
        match encode(option, definitions) {
            Ok(value) => {
                encoded.push(value);
                of.push(option);
            }
            Err(error) => left_out(error),
        }
    }
    let (mut options, mut vendor_options) = (Vec::new(), Vec::new());
    for (value, option) in encoded.iter().zip(of) {
        let Placed { enterprise, code, data } = match place::<F>(value, &encoded) {
            Ok(Some(placed)) => placed,
            Ok(None) => continue,
            Err(error) => {
                left_out(error);
                continue;
            }
        };
        let Some(guard) = guard::<F, R>(option, kept, classes) else { continue };
        let ReservedOption { always_send, never_send, .. } = *option;
        match enterprise {
            None => options.push(ConfiguredOption { code, data, always_send, never_send, guard }),
            Some(enterprise) => {
                vendor_options.push(VendorOption { enterprise, code, data, always_send, never_send, guard });
            }
        }
    }
    let is_any = !kept.options.is_empty();
    is_any.then(|| Options::new(options).with_vendor_options(vendor_options).into())
}

fn encode(option: &ReservedOption, definitions: &Definitions) -> Result<Encoded, OptionError> {
    let hex: String;
    let (data, is_text) = match &option.data {
        OptionData::Bytes(bytes) => {
            hex = format!("{:X}", Hex(bytes));
            (&*hex, false)
        }
        OptionData::Text(text) => (&**text, true),
    };
    definitions.encode(&OptionText {
        space: &option.space,
        code: Some(option.code.into()),
        name: None,
        data: Some(data).filter(|data| !data.is_empty()),
        csv_format: Some(is_text),
        never_send: option.never_send,
    })
}

/// Whom an option is for; none if it is for nobody. Of a class that the configuration does not name only those are who
/// have it of the reservation.
fn guard<F: Protocol, R>(
    option: &ReservedOption,
    kept: &Reservation<R>,
    classes: &ClassesOf<F>,
) -> Option<Guard> {
    let mut set = ClassSet::EMPTY;
    for name in &option.classes {
        match classes.id(name) {
            Some(id) => _ = set.insert(id),
            None if kept.classes.contains(name) => return Some(Guard::default()),
            None => {}
        }
    }
    (option.classes.is_empty() || !set.is_empty()).then(|| Guard::of(set))
}

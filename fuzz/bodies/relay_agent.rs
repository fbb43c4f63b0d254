//! Any bytes: read as Relay Agent Information, and every sub-option found again.

use kotare_wire::v4::{OptionValue, RelayAgent, SubOptionCode};

/// Panics when a view of `input` contradicts itself.
pub(crate) fn check(input: &[u8]) {
    let view = RelayAgent::new(input);
    assert_eq!(view.as_bytes(), input);
    let mut values = vec![None; 256];
    let mut used = 0;
    for (code, value) in view.sub_options() {
        used += 2 + value.len();
        assert!(used <= input.len());
        assert_eq!(&input[used - value.len()..used], value);
        values[usize::from(code.0)].get_or_insert_with(Vec::new).extend_from_slice(value);
    }
    assert_eq!(view.cut_short(), used < input.len());
    for (code, expected) in (0..=255).zip(&values) {
        assert_eq!(view.sub_option(SubOptionCode(code)), expected.as_deref().map(OptionValue::new));
    }
    let four =
        |code: SubOptionCode| values[usize::from(code.0)].as_ref().is_some_and(|value| value.len() == 4);
    assert_eq!(view.link_selection().is_some(), four(SubOptionCode::LINK_SELECTION));
    assert_eq!(view.server_id_override().is_some(), four(SubOptionCode::SERVER_ID_OVERRIDE));
}

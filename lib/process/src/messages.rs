//! Log messages about a configuration, whatever daemon has it.

kotare_messages::messages! {
    Warn "dctl" KOTARE_CONFIG_NO_EFFECT(keywords) = "this version keeps these parameters but does not act on them yet: {keywords}";
}

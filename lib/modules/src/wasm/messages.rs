//! Log messages of modules of WebAssembly. Kea has none of them.

kotare_messages::messages! {
    Error "wasm-hooks" KOTARE_WASM_LOAD_ERROR(reason) = "a module of WebAssembly cannot be used: {reason}";
    Info "wasm-hooks" KOTARE_WASM_LOADED(library, bytes, code, points) = "{library} ({bytes} bytes) was compiled, runs as {code} and is asked at: {points}";
    Info "wasm-hooks" KOTARE_WASM_SAYS(library, text) = "{library} says: {text}";
    Error "wasm-hooks" KOTARE_WASM_FAILED(query, library, point, reason) = "{query}: {library} is passed over at {point}: {reason}";
    Error "wasm-hooks" KOTARE_WASM_SET_ASIDE(library, failures, seconds) = "{library} failed {failures} times in a row and is not asked for {seconds} seconds";
    Info "wasm-hooks" KOTARE_WASM_BACK(library) = "{library} is asked again";
    Warn "wasm-hooks" KOTARE_WASM_NO_ROOM(query, library, code, reason) = "{query}: option {code} of {library} is left out: {reason}";
    Warn "wasm-hooks" KOTARE_WASM_PATH_SECURITY_WARNING(warning) = "module path specified is NOT SECURE: {warning}";
}

//! Tokens to values.

use std::path::Path;

use super::include::Inputs;
use super::lexer::{Fault, Lexer, Token};
use super::value::Names;
use super::{Diagnostics, Entry, Key, Kind, MAX_DEPTH, Map, Source, Value};

/// Reads the configuration file at `path` and the files it includes.
///
/// `None` when it is not JSON; `diagnostics` then has the first thing that is wrong, since what follows a
/// syntax error means nothing.
pub fn read(path: &Path, diagnostics: &mut Diagnostics) -> Option<Value> {
    match Inputs::file(path) {
        Ok(inputs) => document(inputs, diagnostics),
        Err(error) => {
            let name = path.display().to_string();
            diagnostics.malformed(&Source::whole(&name), format!("cannot read \"{name}\": {error}"), "");
            None
        }
    }
}

/// Parses `text`, which errors call `name`, for example `config-set`. It cannot include files.
///
/// `None` when it is not JSON, with the reason in `diagnostics`.
pub fn parse(name: &str, text: &[u8], diagnostics: &mut Diagnostics) -> Option<Value> {
    document(Inputs::text(name, text), diagnostics)
}

fn document(inputs: Inputs, diagnostics: &mut Diagnostics) -> Option<Value> {
    let fault = match Parser::start(Lexer::new(inputs, diagnostics)).and_then(Parser::document) {
        Ok(value) => return Some(value),
        Err(fault) => fault,
    };
    diagnostics.malformed(&fault.source, fault.message, fault.hint);
    None
}

/// The lexer and one token of it.
struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    source: Source,
    /// The entries of all maps that are not closed yet, the innermost last: a map is made when it is known how many it has.
    entries: Vec<Entry>,
    /// The items of the lists, likewise.
    items: Vec<Value>,
    names: Names,
}

type Result<T> = std::result::Result<T, Fault>;

impl<'a> Parser<'a> {
    fn start(mut lexer: Lexer<'a>) -> Result<Self> {
        let (token, source) = lexer.next()?;
        Ok(Self { lexer, token, source, entries: Vec::new(), items: Vec::new(), names: Names::default() })
    }

    /// One value and nothing after it.
    fn document(mut self) -> Result<Value> {
        if self.token == Token::End {
            return Err(self.unexpected("a value; the text is empty"));
        }
        let value = self.value(0)?;
        match self.token {
            Token::End => Ok(value),
            _ => Err(self.unexpected("nothing after the closing brace")),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        if let Token::CloseMap | Token::CloseList | Token::Comma | Token::Colon | Token::End = self.token {
            return Err(self.unexpected("a value"));
        }
        let (token, source) = self.advance()?;
        let kind = match token {
            Token::OpenMap => self.map(depth, &source)?,
            Token::OpenList => self.list(depth, &source)?,
            Token::String(text) => Kind::String(text),
            Token::Int(number) => Kind::Int(number),
            Token::Real(number) => Kind::Real(number),
            Token::Bool(truth) => Kind::Bool(truth),
            _ => Kind::Null,
        };
        Ok(Value::new(source, kind))
    }

    /// The rest of a map after its `{`.
    fn map(&mut self, depth: usize, open: &Source) -> Result<Kind> {
        self.descend(depth, open)?;
        let start = self.entries.len();
        while self.token != Token::CloseMap {
            let Token::String(name) = &mut self.token else {
                return Err(self.unclosed("a keyword in double quotes or }", open));
            };
            let name = self.names.get(name);
            let (_, source) = self.advance()?;
            if self.token != Token::Colon {
                return Err(self.unexpected("a colon after the keyword"));
            }
            self.advance()?;
            let value = self.value(depth + 1)?;
            self.entries.push(Entry { key: Key::named(name, source), value });
            self.separator(Token::CloseMap, "a comma or }", open)?;
        }
        self.advance()?;
        let entries = self.entries.drain(start..).collect();
        Map::new(entries).map(Kind::Map).map_err(|[first, again]| {
            let message = format!("the keyword is given twice in this map, first at {first}");
            self.lexer.fault(again, message, "keep one of the two")
        })
    }

    /// The rest of a list after its `[`.
    fn list(&mut self, depth: usize, open: &Source) -> Result<Kind> {
        self.descend(depth, open)?;
        let start = self.items.len();
        while self.token != Token::CloseList {
            if self.token == Token::End {
                return Err(self.unclosed("a value or ]", open));
            }
            let item = self.value(depth + 1)?;
            self.items.push(item);
            self.separator(Token::CloseList, "a comma or ]", open)?;
        }
        self.advance()?;
        Ok(Kind::List(self.items.drain(start..).collect()))
    }

    /// What follows an item: the closing bracket, or a comma. Kea takes more commas than needed and says so.
    fn separator(&mut self, close: Token, expected: &str, open: &Source) -> Result<()> {
        if self.token == close {
            return Ok(());
        }
        if self.token != Token::Comma {
            return Err(self.unclosed(expected, open));
        }
        while self.token == Token::Comma {
            let (_, comma) = self.advance()?;
            if self.token == close || self.token == Token::Comma {
                self.lexer.warn(&comma, "there is an extra comma", "remove it");
            }
        }
        Ok(())
    }

    fn descend(&self, depth: usize, open: &Source) -> Result<()> {
        if depth < MAX_DEPTH {
            return Ok(());
        }
        Err(self.lexer.fault(open.clone(), super::too_deep(), ""))
    }

    /// The present token; the next one takes its place.
    fn advance(&mut self) -> Result<(Token, Source)> {
        let (token, source) = self.lexer.next()?;
        Ok((std::mem::replace(&mut self.token, token), std::mem::replace(&mut self.source, source)))
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let message = format!("expected {expected}, found {}", self.token.describe());
        self.lexer.fault(self.source.clone(), message, "")
    }

    /// As [`Self::unexpected`] inside brackets that began at `open`; at the end of the text that is where to look.
    fn unclosed(&self, expected: &str, open: &Source) -> Fault {
        let hint = match self.token {
            Token::End => format!("the bracket of {open} is not closed"),
            _ => String::new(),
        };
        let message = format!("expected {expected}, found {}", self.token.describe());
        self.lexer.fault(self.source.clone(), message, &hint)
    }
}

impl Token {
    /// Its kind; what it says may be a secret.
    fn describe(&self) -> &'static str {
        match self {
            Self::OpenMap => "{",
            Self::CloseMap => "}",
            Self::OpenList => "[",
            Self::CloseList => "]",
            Self::Comma => "a comma",
            Self::Colon => "a colon",
            Self::String(_) => "a string",
            Self::Int(_) => "an integer",
            Self::Real(_) => "a real number",
            Self::Bool(_) => "a boolean",
            Self::Null => "null",
            Self::End => "the end of the text",
        }
    }
}

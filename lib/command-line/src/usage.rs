//! The options of a command line as Kea's programs tell them: a line for each, in the order of declaration.

use std::fmt::Write;

use clap::{Arg, Command};

/// A line for each option, such as `  -c file: serve with this configuration file`.
pub fn options(command: &Command) -> String {
    command.get_arguments().filter(|arg| !arg.is_positional()).fold(String::new(), |mut text, arg| {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "  {}: {help}", spelled(arg));
        text
    })
}

/// How an option is written: `-i, --input FILE`.
fn spelled(arg: &Arg) -> String {
    let short = arg.get_short().map(|letter| format!("-{letter}"));
    let long = arg.get_long().map(|word| format!("--{word}"));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    let mut text = names.join(", ");
    if arg.get_action().takes_values() {
        let is_optional = arg.get_num_args().is_some_and(|count| count.min_values() == 0);
        for value in arg.get_value_names().unwrap_or_default() {
            let _ = if is_optional { write!(text, " [{value}]") } else { write!(text, " {value}") };
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    /// Letters, words, values, and values that may be left out.
    #[test]
    fn options_are_told_line_by_line() {
        let command = Command::new("x").args([
            Arg::new("word").help("is no option"),
            Arg::new("a").short('a').action(ArgAction::SetTrue).help("turns a on"),
            Arg::new("input").short('i').long("input").value_name("FILE").help("is read"),
            Arg::new("password").long("password").value_name("TEXT").num_args(0..=1).help("is asked for"),
        ]);
        let text = "  -a: turns a on\n  -i, --input FILE: is read\n  --password [TEXT]: is asked for\n";
        assert_eq!(options(&command), text);
    }
}

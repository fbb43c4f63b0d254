//! Who asks: the user and the password of basic HTTP authentication, from the command line or from files.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use kotare_command_line::shell::Args;

/// The longest user or password, in bytes.
const MAX_SECRET: u64 = 64 * 1024;

/// User and password, if there is a user.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn credentials(args: &Args) -> Result<Option<(String, String)>, String> {
    let user = secret(args.auth_user_file.as_deref(), &args.auth_user)?;
    if args.auth_user_file.is_none() && user.is_empty() {
        return Ok(None);
    }
    Ok(Some((user, secret(args.auth_password_file.as_deref(), &args.auth_password)?)))
}

/// The first line of `file`, if one is named, else `text`.
fn secret(file: Option<&Path>, text: &str) -> Result<String, String> {
    let Some(path) = file.filter(|path| !path.as_os_str().is_empty()) else { return Ok(text.to_owned()) };
    let wrong = |error| format!("cannot read {}: {error}", path.display());
    let mut line = String::new();
    BufReader::new(File::open(path).map_err(wrong)?.take(MAX_SECRET)).read_line(&mut line).map_err(wrong)?;
    Ok(line.strip_suffix('\n').unwrap_or(&line).to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn of(line: &str) -> Result<Option<(String, String)>, String> {
        credentials(&Args::try_parse_from(line.split(' ')).unwrap())
    }

    /// Files go before what stands on the command line, and only their first line counts.
    #[test]
    fn credentials_come_from_files_first() {
        assert_eq!(of("kea-shell"), Ok(None));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "s3c ret\nmore\n").unwrap();
        let file = file.display();
        let line = format!("kea-shell --auth-user me --auth-password x --auth-password-file {file} foo");
        let pair = |user: &str, password: &str| Ok(Some((user.to_owned(), password.to_owned())));
        assert_eq!(of(&line), pair("me", "s3c ret"));
        let line = format!("kea-shell --auth-user me --auth-user-file {file}");
        assert_eq!(of(&line), pair("s3c ret", ""));
        let error = of("kea-shell --auth-user-file /nowhere").unwrap_err();
        assert!(error.contains("/nowhere"), "{error}");
    }
}

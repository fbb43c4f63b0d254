//! The files that `config-write` writes, and others read: those beside the configuration file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use kotare_config::json::format::{self, Shape};
use kotare_control::{Request, Response};
use serde_json::{Value as Json, json};

/// The answer to `config-write` of a daemon whose configuration file is `own`; `shown` is its configuration.
pub fn answer(own: &Path, request: &Request, shown: &Json) -> Response {
    if let Err(text) = request.check_map(|| "Argument must be a map".to_owned()) {
        return Response::error(text);
    }
    let file = match request.argument("filename").map(Json::as_str) {
        None | Some(Some("")) => own.to_owned(),
        Some(None) => return Response::error("passed parameter 'filename' is not a string"),
        Some(Some(name)) => match beside(own, name) {
            Ok(file) => file,
            Err(text) => return Response::error(format!("not allowed to write config into {name}: {text}")),
        },
    };
    let text = format::text(shown, Shape::Indented);
    match write(own, &file, &text) {
        Ok(()) => Response::success(format!("Configuration written to {} successful", file.display()))
            .with(json!({"filename": file, "size": text.len()})),
        Err(reason) => Response::error(format!("Error during config-write: {reason}")),
    }
}

/// The file `name`, which is read instead of the configuration file `own`: from where one may be written.
///
/// # Errors
/// Why it is not read.
pub fn readable(own: &Path, name: &str) -> Result<PathBuf, String> {
    target(own, &beside(own, name)?)
}

/// The file `name`, which must be in the folder of the configuration file `own`. Kea compares what is written, and has
/// these words for what is wrong; here the folder of `own` may also be written from the root.
fn beside(own: &Path, name: &str) -> Result<PathBuf, String> {
    let (folder, file) = name.split_at(name.rfind('/').map_or(0, |slash| slash + 1));
    if file.is_empty() || file.rfind('.') == Some(0) {
        return Err(format!("config file:{name} is missing file name"));
    }
    let own = own.to_string_lossy();
    let own_folder = &own[..own.rfind('/').map_or(0, |slash| slash + 1)];
    match folder {
        _ if folder == own_folder => Ok(name.into()),
        "" => Ok(format!("{own_folder}{name}").into()),
        _ if is_folder_of(&own, folder) => Ok(format!("{own_folder}{file}").into()),
        _ => Err(format!("file {name} must be in the same directory as the config file ({own})")),
    }
}

/// Whether `folder` is how the folder of `own` is written from the root.
fn is_folder_of(own: &str, folder: &str) -> bool {
    std::path::absolute(own).is_ok_and(|own| {
        own.parent().is_some_and(|parent| parent.as_os_str() == folder.trim_end_matches('/'))
    })
}

/// Writes a file as a whole: whoever reads it sees the former content or the new one.
///
/// A link is followed, so that it stays one, if it is the configuration file `own` itself or leads to a file of the
/// same folder; nobody who may write to that folder alone can have another file written.
fn write(own: &Path, file: &Path, text: &str) -> Result<(), String> {
    let target = target(own, file).map_err(|reason| unable(file, reason))?;
    replace(&target, text).map_err(|error| unable(file, error))
}

fn unable(file: &Path, reason: impl std::fmt::Display) -> String {
    format!("Unable to open file {} for writing: {reason}", file.display())
}

/// The file that is written or read when `file` is.
fn target(own: &Path, file: &Path) -> Result<PathBuf, String> {
    let found = match fs::symlink_metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(file.to_owned()),
        Err(error) => return Err(error.to_string()),
    };
    if found.is_file() {
        return Ok(file.to_owned());
    }
    if !found.is_symlink() {
        return Err("there is something else that is no file".to_owned());
    }
    let canonical = |path: &Path| fs::canonicalize(path).map_err(|error| error.to_string());
    let target = canonical(file)?;
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => canonical(folder)?,
        _ => canonical(Path::new("."))?,
    };
    if file != own && target.parent() != Some(&folder) {
        return Err(format!("it is a link to {}, in another directory", target.display()));
    }
    match target.is_file() {
        true => Ok(target),
        false => Err(format!("it is a link to {}, which is no file", target.display())),
    }
}

fn replace(file: &Path, text: &str) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let draft = file.with_file_name(name);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Never what somebody else put there meanwhile, least of all a link to elsewhere.
    let output = OpenOptions::new().write(true).create_new(true).mode(0o640).open(&draft)?;
    let written = fill(output, file, text).and_then(|()| fs::rename(&draft, file));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Makes `output` a file of the same owner and permissions as `former`, if there is one, with this text in it.
fn fill(mut output: File, former: &Path, text: &str) -> io::Result<()> {
    if let Ok(former) = fs::metadata(former) {
        // Who may not give it away keeps it, and everybody can do with it what they could.
        let _ = fchown(&output, Some(former.uid()), Some(former.gid()));
        output.set_permissions(former.permissions())?;
    }
    output.write_all(text.as_bytes())?;
    output.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// Names are compared as Kea does, and refused in its words.
    #[test]
    fn only_names_of_the_same_folder_are_taken() {
        let beside =
            |name| super::beside(Path::new("/etc/kea/kea.conf"), name).map(|file| file.display().to_string());
        let elsewhere = |name| {
            Err(format!("file {name} must be in the same directory as the config file (/etc/kea/kea.conf)"))
        };
        let nameless = |name| Err(format!("config file:{name} is missing file name"));
        for (name, told) in [
            ("b.conf", Ok("/etc/kea/b.conf".to_owned())),
            ("/etc/kea/b", Ok("/etc/kea/b".to_owned())),
            ("/etc/kea/..", Ok("/etc/kea/..".to_owned())),
            ("..", Ok("/etc/kea/..".to_owned())),
            ("/etc/kea/", nameless("/etc/kea/")),
            (".", nameless(".")),
            (".conf", nameless(".conf")),
            ("/etc/b", elsewhere("/etc/b")),
            ("../kea/b", elsewhere("../kea/b")),
            ("/etc/kea/../b", elsewhere("/etc/kea/../b")),
            ("/etc//kea/b", elsewhere("/etc//kea/b")),
        ] {
            assert_eq!(beside(name), told, "{name}");
        }
        assert_eq!(super::beside(Path::new("kea.conf"), "b"), Ok("b".into()));
        let here = std::env::current_dir().unwrap();
        let from_root = |file: &str| here.join(file).display().to_string();
        for (own, name, told) in [
            ("kea.conf", "kea.conf", "kea.conf"),
            ("kea.conf", "b", "b"),
            ("./kea.conf", "b", "./b"),
            ("etc/kea.conf", "etc/kea.conf", "etc/kea.conf"),
        ] {
            assert_eq!(super::beside(Path::new(own), &from_root(name)), Ok(told.into()), "{own} {name}");
        }
        super::beside(Path::new("etc/kea.conf"), &from_root("kea.conf")).unwrap_err();
    }

    /// A configuration that is a link stays one; the file behind it is written, and keeps its permissions.
    #[test]
    fn the_configuration_may_be_a_link() {
        let [folder, other] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let (own, behind) = (folder.path().join("kea.conf"), other.path().join("shared.conf"));
        fs::write(&behind, "old").unwrap();
        fs::set_permissions(&behind, fs::Permissions::from_mode(0o604)).unwrap();
        symlink(&behind, &own).unwrap();
        write(&own, &own, "new").unwrap();
        assert!(own.is_symlink());
        assert_eq!(fs::read_to_string(&behind).unwrap(), "new");
        assert_eq!(fs::metadata(&behind).unwrap().permissions().mode() & 0o777, 0o604);
        assert_eq!(fs::read_dir(other.path()).unwrap().count(), 1, "the draft is gone");
    }

    /// Links that somebody put into the folder lead nowhere: neither as the file nor as its draft.
    #[test]
    fn planted_links_are_not_followed() {
        let [folder, other] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let victim = other.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        let own = folder.path().join("kea.conf");
        symlink(&victim, folder.path().join("kea.conf.new")).unwrap();
        write(&own, &own, "new").unwrap();
        assert_eq!(fs::read_to_string(&own).unwrap(), "new");
        assert!(!own.is_symlink());

        let planted = folder.path().join("b.conf");
        symlink(&victim, &planted).unwrap();
        let refused = write(&own, &planted, "new").unwrap_err();
        let start = format!("Unable to open file {} for writing: it is a link to ", planted.display());
        assert!(refused.starts_with(&start) && refused.ends_with("in another directory"), "{refused}");
        symlink(&own, folder.path().join("c.conf")).unwrap();
        write(&own, &folder.path().join("c.conf"), "newer").unwrap();
        assert_eq!(fs::read_to_string(&own).unwrap(), "newer");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    }

    /// A folder, or whatever else is no file, is not written.
    #[test]
    fn only_files_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("kea.conf");
        for file in [folder.path().join(".."), folder.path().to_owned()] {
            let refused = write(&own, &file, "new").unwrap_err();
            assert!(
                refused.starts_with(&format!("Unable to open file {} for writing: ", file.display())),
                "{refused}"
            );
        }
        let missing = folder.path().join("none/kea.conf");
        assert!(write(&missing, &missing, "new").unwrap_err().contains("No such file or directory"));
    }
}

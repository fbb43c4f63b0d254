//! Names of files that lead elsewhere.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use kotare_tests::world::sandboxed;
use serde_json::json;

use crate::scene::{Scene, configuration};
use crate::start::{refused_with, says};

/// Kea's manual, "Securing a Kea Deployment": what a configuration calls a file of the server is in the directory for such
/// files, and no way out of it is one in.
#[test]
fn a_configuration_names_no_file_elsewhere() {
    sandboxed("paths::a_configuration_names_no_file_elsewhere", |world| {
        let (host, folder) = (world.host("server"), world.path("files"));
        fs::create_dir_all(folder.join("sub")).expect("make folders");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).expect("its owner may");
        let variables =
            ["KEA_PIDFILE_DIR", "KEA_CONTROL_SOCKET_DIR", "KEA_DHCP_DATA_DIR", "KEA_LOG_FILE_DIR"]
                .map(|name| (name, folder.as_path()));
        let below = folder.display();
        for name in [
            "/etc/outside".to_owned(),
            "../outside".to_owned(),
            format!("{below}/../outside"),
            format!("{below}/sub/../../outside"),
            format!("{below}//outside"),
        ] {
            for changes in [
                json!({"control-sockets": [{"socket-type": "unix", "socket-name": name}]}),
                json!({"lease-database": {"type": "memfile", "name": name}}),
                json!({"loggers": [{"name": "kea-dhcp4", "output-options": [{"output": name}]}]}),
            ] {
                let file = world.path("kea-dhcp4.conf");
                fs::write(&file, json!({"Dhcp4": configuration(changes.clone())}).to_string())
                    .expect("write it");
                let said = refused_with(world, &host, &file, &[], &variables);
                assert!(says(&said, &["invalid path specified"]), "{changes}:\n{said}");
            }
        }
        assert!(!world.path("outside").exists());
    });
}

/// A command writes the configuration beside the one that the server has, and nowhere else.
#[test]
fn a_command_writes_no_file_elsewhere() {
    sandboxed("paths::a_command_writes_no_file_elsewhere", |world| {
        let mut scene = Scene::new(world);
        let folder = scene.server.folder().display().to_string();
        std::os::unix::fs::symlink(world.path("outside"), scene.server.folder().join("link"))
            .expect("make a link");
        fs::write(world.path("outside"), "as it was").expect("write a file");
        for name in [
            "../outside",
            "/tmp/outside",
            "./../outside",
            "sub/outside",
            "..",
            ".",
            "/",
            "a\0b",
            "link",
            &format!("{folder}/../outside"),
            &format!("{folder}/"),
        ] {
            let told = scene.server.command("config-write", Some(json!({"filename": name})));
            assert_eq!(told["result"], 1, "{name:?}: {told}");
        }
        assert_eq!(fs::read_to_string(world.path("outside")).expect("a file"), "as it was");
        assert_eq!(
            scene.server.command("config-write", Some(json!({"filename": "beside.conf"})))["result"],
            0
        );
        scene.assert_serves();
    });
}

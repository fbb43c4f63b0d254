//! The layers of ARCHITECTURE.md, and what every package declares.

use std::collections::HashMap;
use std::fs;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::Findings;
use crate::sources::top;

/// Who may use whom within a layer; everything else goes down.
const SIBLINGS: &[(&str, &str)] = &[
    ("kotare-config", "kotare-ddns"),
    ("kotare-config", "kotare-expr"),
    ("kotare-config", "kotare-options"),
    ("kotare-expr", "kotare-options"),
    // Whose threads stand back behind those that answer clients, which takes a system call.
    ("kotare-control", "kotare-net"),
    ("kotare-daemon", "kotare-modules"),
    ("kotare-server", "kotare-process"),
    // The chores start the worlds of the tests for the demonstration and the benchmark.
    ("xtask", "kotare-tests"),
];

/// The lowest layer that may wait for anything, and so may name tokio.
const FIRST_ASYNC_LAYER: u64 = 3;

/// All packages of the workspace.
pub(crate) fn packages() -> Vec<Package> {
    packages_of("Cargo.toml")
}

/// All packages of the workspace with this manifest.
pub(crate) fn packages_of(manifest: &str) -> Vec<Package> {
    let manifest = top().join(manifest);
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec();
    metadata.unwrap_or_else(|error| panic!("cargo metadata: {error}")).packages
}

/// The place of a package's manifest below the top of the tree.
pub(crate) fn manifest(package: &Package) -> String {
    let path = package.manifest_path.as_std_path();
    path.strip_prefix(top()).unwrap_or(path).display().to_string()
}

/// The folder of a package below the top of the tree.
pub(crate) fn folder(package: &Package) -> String {
    let manifest = manifest(package);
    manifest.strip_suffix("/Cargo.toml").unwrap_or(&manifest).to_owned()
}

/// The layer that a package's manifest says it is of.
pub(crate) fn layer(package: &Package) -> Option<u64> {
    package.metadata.get("kotare")?.get("layer")?.as_u64()
}

/// Dependencies point to lower layers, and to the few siblings the architecture names.
#[test]
fn dependencies_point_to_lower_layers() {
    let packages = packages();
    let layers: HashMap<&str, Option<u64>> =
        packages.iter().map(|package| (package.name.as_str(), layer(package))).collect();
    let mut findings = Findings::default();
    for package in &packages {
        let Some(own) = layer(package) else {
            findings.add(
                manifest(package),
                "says no layer; add `[package.metadata.kotare]` with `layer = N` of ARCHITECTURE.md",
            );
            continue;
        };
        for dependency in &package.dependencies {
            let Some(&Some(other)) = layers.get(dependency.name.as_str()) else { continue };
            let pair = (package.name.as_str(), dependency.name.as_str());
            // Tests may use whatever proves the point.
            let free = dependency.kind == DependencyKind::Development || SIBLINGS.contains(&pair);
            if !free && other >= own {
                findings.add(
                    manifest(package),
                    format_args!(
                        "{} (layer {own}) depends on {} (layer {other}); move what is shared to a lower layer",
                        pair.0, pair.1
                    ),
                );
            }
        }
    }
    findings.conclude("a package may depend on packages of lower layers only:");
}

/// What decides does not wait: below layer 3 nothing can name a runtime.
#[test]
fn no_runtime_below_layer_3() {
    let mut findings = Findings::default();
    for package in &packages() {
        if layer(package).is_none_or(|layer| layer >= FIRST_ASYNC_LAYER) {
            continue;
        }
        if package.dependencies.iter().any(|dependency| dependency.name == "tokio") {
            findings.add(
                manifest(package),
                "depends on tokio; decide in a plain function and let a higher layer wait",
            );
        }
    }
    findings.conclude("tokio is for layers 3 and above:");
}

/// Every package says what it is and takes the workspace's lints.
#[test]
fn every_package_describes_itself_and_takes_the_lints() {
    let mut findings = Findings::default();
    for package in &packages() {
        let description = package.description.clone().unwrap_or_default();
        if description.len() < 10 {
            findings.add(
                manifest(package),
                format_args!("the description is {description:?}; say in a line what the package is for"),
            );
        }
        let text = fs::read_to_string(&package.manifest_path).expect("a manifest can be read");
        let lints = text.split("\n[").find_map(|table| table.strip_prefix("lints]"));
        if !lints.is_some_and(|lints| lints.lines().any(|line| line.trim() == "workspace = true")) {
            findings.add(manifest(package), "add `[lints]` with `workspace = true`");
        }
    }
    findings.conclude("every package has a description and the lints of the workspace:");
}

/// A version of a dependency is decided once, in the workspace.
#[test]
fn versions_stand_in_the_workspace() {
    let mut findings = Findings::default();
    for package in &packages() {
        let text = fs::read_to_string(&package.manifest_path).expect("a manifest can be read");
        let tables = text
            .split("\n[")
            .filter(|table| table.split_once(']').is_some_and(|(name, _)| name.ends_with("dependencies")));
        for line in tables.flat_map(|table| table.lines().skip(1)) {
            let entry = line.trim();
            if entry.contains('=') && !entry.starts_with('#') && !entry.contains("workspace = true") {
                findings.add(
                    manifest(package),
                    format_args!("`{entry}`; name it in the root Cargo.toml and write `.workspace = true`"),
                );
            }
        }
    }
    findings.conclude("dependencies are named once, in [workspace.dependencies]:");
}

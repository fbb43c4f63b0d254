//! What packages depend on, they use: what is declared and not used is built, audited and updated for nothing.

use std::fs;
use std::path::{Component, Path, PathBuf};

use cargo_metadata::{Dependency, DependencyKind, Package};

use crate::Findings;
use crate::layers::{folder, manifest, packages_of};
use crate::sources::{Source, rust, top};

/// The workspaces of the tree.
const WORKSPACES: &[&str] = &["Cargo.toml", "fuzz/Cargo.toml"];

/// A package names every crate it depends on: in its product if the product depends on it, else in its tests.
#[test]
fn no_dependency_is_unused() {
    let sources = rust();
    let mut findings = Findings::default();
    for package in WORKSPACES.iter().flat_map(|workspace| packages_of(workspace)) {
        let product = product(&package, &sources);
        let all = everything(&package, &sources);
        for dependency in &package.dependencies {
            let (code, table) = match dependency.kind {
                DependencyKind::Development => (&all, "dev-dependencies"),
                _ => (&product, "dependencies"),
            };
            let name = crate_name(dependency);
            if code.iter().any(|code| names(code, &name)) {
                continue;
            }
            let advice = if all.iter().any(|code| names(code, &name)) {
                "only its tests use it; move it to [dev-dependencies]"
            } else {
                "nothing of the package uses it; remove it"
            };
            findings.add(manifest(&package), format_args!("`{}` in [{table}]: {advice}", dependency.name));
        }
    }
    findings.conclude("a package uses what it depends on:");
}

/// A version that the workspace decides is of a crate that a package takes.
#[test]
fn no_version_is_decided_for_nobody() {
    let text =
        fs::read_to_string(top().join("Cargo.toml")).expect("the manifest of the workspace can be read");
    let tables = text.split("\n[");
    let table = tables.filter_map(|table| table.strip_prefix("workspace.dependencies]")).next();
    let declared = table.expect("the workspace has dependencies").lines().filter_map(|line| {
        let (name, _) = line.split_once('=')?;
        Some(name.trim()).filter(|name| !name.starts_with('#'))
    });
    let packages = packages_of("Cargo.toml");
    let dependencies = packages.iter().flat_map(|package| &package.dependencies);
    let taken: Vec<&str> = dependencies.map(|it| it.rename.as_deref().unwrap_or(&it.name)).collect();
    let mut findings = Findings::default();
    let is_member = |name: &str| packages.iter().any(|package| package.name.as_str() == name);
    for name in declared.filter(|name| !taken.contains(name) && !is_member(name)) {
        findings.add("Cargo.toml", format_args!("no package depends on `{name}`; remove it"));
    }
    findings.conclude("[workspace.dependencies] has what packages take:");
}

fn crate_name(dependency: &Dependency) -> String {
    dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_")
}

/// The code that is built into the package: its `src` without tests and comments.
fn product(package: &Package, sources: &[Source]) -> Vec<String> {
    let folder = folder(package);
    let tests: Vec<PathBuf> = sources.iter().flat_map(test_modules).collect();
    let own = |source: &&Source| {
        let is_test = tests.iter().any(|path| path == Path::new(&source.path));
        let is_root = ["src/", "build.rs", "fuzz_targets/"].iter().any(|part| {
            let below = source.path.strip_prefix(&*folder).and_then(|rest| rest.strip_prefix('/'));
            below.is_some_and(|below| below.starts_with(part))
        });
        is_root && !is_test
    };
    let mut code: Vec<String> = sources
        .iter()
        .filter(own)
        .map(|source| {
            let end = source.text.find("#[cfg(test)]\nmod tests {").unwrap_or(source.text.len());
            let lines = source.text[..end].lines();
            lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
        })
        .collect();
    code.extend(included(&folder, sources, |path| !path.contains("/tests/")));
    code
}

/// All code of the package: with its tests, examples, and the examples in its comments.
fn everything(package: &Package, sources: &[Source]) -> Vec<String> {
    let folder = folder(package);
    let inside = format!("{folder}/");
    let own = sources.iter().filter(|source| source.path.starts_with(&inside));
    let mut code: Vec<String> = own.map(|source| source.text.clone()).collect();
    code.extend(included(&folder, sources, |_| true));
    code
}

/// The files outside of `folder` that the files in it which are `wanted` include by `#[path = "…"]`.
fn included(folder: &str, sources: &[Source], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let inside = format!("{folder}/");
    let including = sources.iter().filter(|source| source.path.starts_with(&inside) && wanted(&source.path));
    let paths = including.flat_map(|source| {
        let attributes = source.text.lines().filter_map(|line| line.trim().strip_prefix("#[path = \""));
        attributes.filter_map(|rest| Some(resolve(&source.path, rest.strip_suffix("\"]")?)))
    });
    let found = paths.filter_map(|path| sources.iter().find(|source| Path::new(&source.path) == path));
    found.map(|source| source.text.clone()).collect()
}

/// Where the modules may be that a file declares for tests only, in files of their own.
fn test_modules(source: &Source) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for declaration in source.text.split("#[cfg(test)]\n").skip(1) {
        let (first, rest) = declaration.split_once('\n').unwrap_or((declaration, ""));
        let path = first.strip_prefix("#[path = \"").and_then(|path| path.strip_suffix("\"]"));
        let module = if path.is_some() { rest.lines().next().unwrap_or_default() } else { first };
        let Some(name) = module.strip_prefix("mod ").and_then(|name| name.strip_suffix(';')) else {
            continue;
        };
        match path {
            Some(path) => found.push(resolve(&source.path, path)),
            None => {
                let file = format!("{name}.rs");
                found.push(resolve(&source.path, &file));
                found.push(Path::new(&source.path).with_extension("").join(file));
            }
        }
    }
    found
}

/// Where `relative` leads from the folder of `file`.
fn resolve(file: &str, relative: &str) -> PathBuf {
    let mut path = PathBuf::from(file);
    path.pop();
    for component in Path::new(relative).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

/// Whether the code names this crate: in a path, or in a `use` of the crate itself.
fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let is_word = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let is_used = before.ends_with("use ") && after.starts_with([';', ' ']);
        is_word && (after.starts_with("::") || is_used)
    })
}

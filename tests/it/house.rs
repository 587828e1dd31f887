//! The house: rooms use those above them and none below, and every text in a file has its one use.

use std::{collections::BTreeSet, fs, path::Path};

use syn::{Item, UseTree, visit::Visit};

/// The rooms in their order, as `lib.rs` names them.
fn rooms() -> Vec<String> {
    let lib = syn::parse_file(include_str!("../../src/lib.rs")).unwrap();
    lib.items.iter().filter_map(|item| if let Item::Mod(room) = item { Some(room.ident.to_string()) } else { None }).collect()
}

/// Which rooms a file names by `crate::room`, in `use` and in paths.
#[derive(Default)]
struct Named(BTreeSet<String>);

impl<'a> Visit<'a> for Named {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        if let UseTree::Path(path) = &item.tree
            && path.ident == "crate"
        {
            self.first_names(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let mut segments = path.segments.iter();
        if segments.next().is_some_and(|s| s.ident == "crate") {
            self.0.extend(segments.next().map(|s| s.ident.to_string()));
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        // Tests inside a room may look anywhere.
        if item.ident != "tests" {
            syn::visit::visit_item_mod(self, item);
        }
    }
}

impl Named {
    fn first_names(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => drop(self.0.insert(path.ident.to_string())),
            UseTree::Name(name) => drop(self.0.insert(name.ident.to_string())),
            UseTree::Rename(rename) => drop(self.0.insert(rename.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.first_names(item)),
            UseTree::Glob(_) => {}
        }
    }
}

fn files_below(folder: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn a_room_uses_those_above_it_and_none_below() {
    let rooms = rooms();
    assert!(rooms.len() >= 15, "lib.rs names the rooms");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (place, room) in rooms.iter().enumerate() {
        for file in files_below(&source.join(room), "rs") {
            let mut named = Named::default();
            named.visit_file(&syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap());
            for used in named.0 {
                if rooms.iter().position(|r| *r == used).is_some_and(|p| p > place) {
                    wrong.push(format!(
                        "{} (in `{room}`) uses `{used}`, which stands below it",
                        file.strip_prefix(&source).unwrap().display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pixels_know_no_rdf_and_words_know_no_pixels() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (room, never) in [("images", "oxigraph"), ("model", "oxigraph"), ("images", "sophia"), ("rdf", "image"), ("vocab", "image")] {
        for file in files_below(&source.join(room), "rs") {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains(&format!("{never}::")), "{} names {never}", file.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_about() {
    for file in files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "rs") {
        assert!(fs::read_to_string(&file).unwrap().starts_with("//!"), "{} does not begin with its noun", file.display());
    }
}

#[test]
fn every_query_parses_and_says_what_it_gives() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
    let queries = files_below(&folder, "rq");
    assert!(!queries.is_empty());
    for file in queries {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# "), "{} has no opening comment", file.display());
        if let Err(error) = oxigraph::sparql::SparqlEvaluator::new().parse_query(&text) {
            panic!("{}: {error}", file.display());
        }
    }
}

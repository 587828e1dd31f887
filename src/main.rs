//! The program `glossator`: see the library.

fn main() -> std::process::ExitCode {
    glossator::cli::main()
}

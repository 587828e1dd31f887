//! The program `glossator`: hands what was asked to the library.

fn main() -> std::process::ExitCode {
    glossator::cli::main()
}

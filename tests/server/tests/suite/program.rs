use std::{
    io::{BufRead, BufReader, Read},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
};

struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    port: u16,
}

fn start(arguments: &[&str]) -> Program {
    let mut child = Command::new(env!("CARGO_BIN_EXE_test-server"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    let port = line
        .strip_prefix("listening on http://127.0.0.1:")
        .and_then(|port| port.trim_end().parse().ok())
        .expect("the line");
    Program { child, stdout, port }
}

impl Program {
    fn expect_end(mut self) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("text");
        assert_eq!(rest, "");
        assert!(self.child.wait().expect("a status").success());
    }
}

#[test]
fn the_program_listens_and_ends_with_its_stdin() {
    let mut program = start(&["--root", "a=."]);
    TcpStream::connect(("127.0.0.1", program.port)).expect("a server");
    drop(program.child.stdin.take());
    program.expect_end();
}

#[test]
fn the_program_ends_after_its_lifetime() {
    let mut program = start(&["--lifetime", "0"]);
    let stdin = program.child.stdin.take();
    program.expect_end();
    drop(stdin);
}

//! One TCP connection, made by its first step; each step sends some bytes and reads what comes back.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use agent_ffi::Failure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Answer, End, end_of};

/// What one read takes at most; the same as the twin's, so that both have read ahead alike.
const CHUNK_BYTES: usize = 16 * 1024;

/// One step of a conversation.
#[derive(Debug)]
pub struct Step {
    /// What is sent before reading; may be nothing.
    pub send: Vec<u8>,
    /// Time for the connection, where there is none yet.
    pub connect: Duration,
    /// Time for the first byte.
    pub first: Duration,
    /// How long nothing has to come after some bytes; zero: what came at once is all.
    pub quiet: Duration,
    /// Time for sending and reading together.
    pub total: Duration,
    /// The most bytes that are read.
    pub most: usize,
}

/// A connection, with what was read ahead and did not fit into an answer.
struct Open {
    stream: TcpStream,
    left: Vec<u8>,
}

enum Slot {
    New,
    Open(Open),
    Asked,
    Over,
}

/// A connection, or one to be.
pub struct Line {
    target: SocketAddr,
    slot: Mutex<Slot>,
}

impl Line {
    /// Nothing is dialled before the first step.
    pub fn new(target: SocketAddr) -> Self {
        Self {
            target,
            slot: Mutex::new(Slot::New),
        }
    }

    /// Does one step. A step that is dropped midway closes the connection.
    pub async fn step(&self, step: Step) -> Result<Answer, Failure> {
        let mut open = match self.put(Slot::Asked) {
            Slot::Open(open) => open,
            Slot::New => match self.connect(step.connect).await? {
                Ok(stream) => Open {
                    stream,
                    left: Vec::new(),
                },
                Err(end) => {
                    self.put(Slot::Over);
                    return Ok(Answer::none(end));
                }
            },
            Slot::Over => {
                self.put(Slot::Over);
                return Ok(Answer::none(End::Closed));
            }
            Slot::Asked => return Err(Failure::invalid("The connection is being read already")),
        };
        let answer = ask(&mut open, &step).await;
        let lives = !matches!(answer.end, End::Closed | End::Reset);
        self.put(if lives { Slot::Open(open) } else { Slot::Over });
        Ok(answer)
    }

    async fn connect(&self, limit: Duration) -> Result<Result<TcpStream, End>, Failure> {
        match timeout(limit, TcpStream::connect(self.target)).await {
            Err(_) => Ok(Err(End::Timeout)),
            Ok(Err(error)) => end_of(&error, &self.target).map(Err),
            // Connected to itself: nobody listens.
            Ok(Ok(stream)) if stream.local_addr().ok() == Some(self.target) => {
                Ok(Err(End::Refused))
            }
            Ok(Ok(stream)) => Ok(Ok(stream)),
        }
    }

    fn put(&self, slot: Slot) -> Slot {
        let mut held = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut held, slot)
    }
}

async fn ask(Open { stream, left }: &mut Open, step: &Step) -> Answer {
    let over = Instant::now() + step.total;
    match timeout_at(over, stream.write_all(&step.send)).await {
        Err(_) => return Answer::none(End::Late),
        Ok(Err(_)) => return Answer::none(End::Reset),
        Ok(Ok(())) => {}
    }
    let mut bytes = Vec::new();
    while bytes.len() < step.most {
        let (wait, nothing) = if bytes.is_empty() {
            (step.first, End::Silent)
        } else {
            (step.quiet, End::Quiet)
        };
        if wait.is_zero() && !bytes.is_empty() {
            return Answer::new(End::Quiet, bytes);
        }
        if left.is_empty() {
            let mut chunk = [0; CHUNK_BYTES];
            let until = Instant::now() + wait;
            match timeout_at(until.min(over), stream.read(&mut chunk)).await {
                Err(_) if until < over => return Answer::new(nothing, bytes),
                Err(_) if bytes.is_empty() => return Answer::none(End::Silent),
                Err(_) => return Answer::new(End::Late, bytes),
                Ok(Ok(0)) => return Answer::new(End::Closed, bytes),
                Ok(Ok(count)) => left.extend_from_slice(&chunk[..count]),
                Ok(Err(_)) => return Answer::new(End::Reset, bytes),
            }
        }
        let count = left.len().min(step.most - bytes.len());
        bytes.extend(left.drain(..count));
    }
    Answer::new(End::Full, bytes)
}

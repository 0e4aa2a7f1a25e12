//! One exchange: head and body go out as pieces of the operation's stream, as fast as they are taken.

use std::io;
use std::pin::pin;
use std::sync::Arc;

use agent_ffi::Failure;
use agent_ffi::ring::Task;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};

use crate::engine::{Answer, Engine, Place};
use crate::fault::{Fault, Kind};
use crate::order::{Order, Payload};
use crate::upload::Incoming;
use crate::wire;

/// What goes to JavaScript at once.
const PIECE: usize = 60 * 1024;

type Raw = TokioIo<hyper::upgrade::Upgraded>;

/// Why an exchange ended before its end.
enum Ended {
    /// By a fault, which the other side is told.
    Fault(Fault),
    /// Because nobody wants it any more.
    Given(Failure),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Given(failure)
    }
}

/// Does an exchange. The first piece is the head, the others the body; the payload is empty, or a fault.
///
/// `body` is sent at once, `upload` as it comes: as the request's body, or, with `upgrade`, as what is written to the
/// connection after it was upgraded.
pub async fn exchange(
    engine: Arc<Engine>,
    order: Order,
    body: Option<Vec<u8>>,
    upload: Option<Incoming>,
    upgrade: bool,
    task: Task,
) -> Result<Vec<u8>, Failure> {
    let (payload, written) = match (body, upload) {
        (Some(bytes), written) => (Payload::Full(bytes.into()), written),
        (None, Some(incoming)) if !upgrade => (Payload::Stream(incoming), None),
        (None, written) => (Payload::Empty, written),
    };
    match run(&engine, order, payload, written.filter(|_| upgrade), &task).await {
        Ok(()) => Ok(Vec::new()),
        Err(Ended::Fault(fault)) => Ok(wire::fault(&fault)),
        Err(Ended::Given(failure)) => Err(failure),
    }
}

async fn run(
    engine: &Engine,
    order: Order,
    payload: Payload,
    written: Option<Incoming>,
    task: &Task,
) -> Result<(), Ended> {
    let mut request = order.request(engine.authority(), payload)?;
    let (place, answer) = Place::new();
    request.extensions_mut().insert(place);
    let docker = engine.sending(request);
    let mut body = pin!(docker.download_from_container("one", None));
    // The body's first piece may come long after the head, which nobody may be kept waiting for.
    let (answer, first) = match select(answer, body.next()).await {
        Either::Left((answer, _)) => (answer, None),
        Either::Right((first, answer)) => (answer.await, Some(first)),
    };
    let unsent = |_| Fault::new(Kind::Protocol, "the request could not be sent");
    let Answer {
        status,
        fields,
        upgrade,
    } = answer.map_err(unsent)??;
    match (upgrade, written) {
        (Some(upgrade), Some(written)) => {
            let raw = raw(upgrade).await?;
            task.emit(wire::head(status, &fields)).await?;
            return duplex(raw, written, task).await;
        }
        (Some(_), None) => {
            let detail = "it switched to a protocol that nobody asked for";
            return Err(Fault::new(Kind::Protocol, detail).into());
        }
        (None, _) => task.emit(wire::head(status, &fields)).await?,
    }
    let mut next = match first {
        Some(first) => first,
        None => body.next().await,
    };
    while let Some(piece) = next {
        emit(&piece.map_err(|error| Fault::of(&error))?, task).await?;
        next = body.next().await;
    }
    Ok(())
}

async fn emit(bytes: &Bytes, task: &Task) -> Result<(), Failure> {
    for piece in bytes.chunks(PIECE) {
        task.emit(piece.to_vec()).await?;
    }
    Ok(())
}

async fn raw(upgrade: OnUpgrade) -> Result<Raw, Fault> {
    let upgraded = upgrade.await;
    upgraded
        .map(TokioIo::new)
        .map_err(|error| Fault::of(&error))
}

/// Bytes both ways until the other side ends.
async fn duplex(raw: Raw, written: Incoming, task: &Task) -> Result<(), Ended> {
    let (reader, writer) = tokio::io::split(raw);
    let reading = pin!(read(reader, task));
    let writing = pin!(write(writer, written));
    match select(reading, writing).await {
        Either::Left((read, _)) => read,
        // What was written last does not end what is read; the connection's write side is closed or broken.
        Either::Right((Ok(_open), reading)) => reading.await,
        Either::Right((Err(fault), _)) => Err(fault.into()),
    }
}

async fn read(mut reader: ReadHalf<Raw>, task: &Task) -> Result<(), Ended> {
    let mut buffer = vec![0; PIECE];
    loop {
        let count = reader.read(&mut buffer).await.map_err(reset)?;
        if count == 0 {
            return Ok(());
        }
        let piece = buffer.get(..count).unwrap_or_default();
        task.emit(piece.to_vec()).await?;
    }
}

/// Writes what comes until its end. A write that fails leaves what can still be read; whoever pushes more is told that
/// it is over, because the other end of the pieces is gone with this.
async fn write(mut writer: WriteHalf<Raw>, mut written: Incoming) -> Result<WriteHalf<Raw>, Fault> {
    while let Some(piece) = written.next().await {
        let piece = piece.map_err(reset)?;
        if writer.write_all(&piece).await.is_err() || writer.flush().await.is_err() {
            return Ok(writer);
        }
    }
    // A side that is closed already is closed.
    let _ = writer.shutdown().await;
    Ok(writer)
}

fn reset(error: io::Error) -> Fault {
    Fault::new(Kind::Reset, error.to_string())
}

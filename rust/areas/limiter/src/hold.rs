//! What a server said is left at it: a bucket that fills at its pace, and that is forgotten after a
//! while. It only holds back: the limiter's own limits hold besides. Twin:
//! `src/http/limiter/pure/hold.ts`.

/// What a server said. Microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// So much is left.
    pub left: f64,
    /// So much is there when it is full.
    pub cap: f64,
    /// So much comes back each microsecond.
    pub per_us: f64,
    /// So long it is believed.
    pub for_us: f64,
}

/// A bucket.
pub struct Hold {
    cap: f64,
    per_us: f64,
    until: f64,
    since: f64,
    left: f64,
    at: f64,
}

impl Hold {
    /// Takes over what a server said at a time.
    pub fn new(said: Left, now: f64) -> Self {
        Self {
            cap: said.cap,
            per_us: said.per_us,
            until: now + said.for_us,
            since: now,
            left: said.left,
            at: now,
        }
    }

    /// Lets time pass; false if it is to be forgotten.
    pub fn advance(&mut self, now: f64) -> bool {
        if now >= self.until {
            return false;
        }
        self.left = self.cap.min(self.left + self.per_us * (now - self.at));
        self.at = now;
        true
    }

    /// What is left.
    pub fn left(&self) -> f64 {
        self.left
    }

    /// When it is forgotten.
    pub fn until(&self) -> f64 {
        self.until
    }

    /// From when on so much may be taken; 0 for now. What is more than a full bucket may be, of a full
    /// one.
    pub fn free_at(&self, count: f64) -> f64 {
        let missing = count.min(self.cap) - self.left;
        if missing <= 0.0 {
            0.0
        } else if self.per_us <= 0.0 {
            self.until
        } else {
            self.until.min(self.at + (missing / self.per_us).ceil())
        }
    }

    /// Takes.
    pub fn take(&mut self, count: f64) {
        self.left -= count;
    }

    /// Gives back what was taken at a time; what the server counted before it spoke stays.
    pub fn give_back(&mut self, count: f64, taken_at: f64) {
        if taken_at >= self.since {
            self.left = self.cap.min(self.left + count);
        }
    }
}

//! Passwords, by Argon2id (Biryukov, Dinu, Khovratovich, 2016; RFC 9106) with OWASP's parameters: 19 MiB, two passes.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Argon2, PasswordHash};
use shoal_graphql::error::{Error, FieldError, Refusal};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use tokio::sync::Semaphore;

use crate::clock::Randomness;

/// Characters that a password needs at least; longer ones are better than stranger ones (NIST SP 800-63B).
pub const SHORTEST: usize = 10;

/// Bytes of the longest password that is worked on.
pub const LONGEST: usize = 1_024;

/// Each takes 19 MiB and some 20 ms of a processor: more at once would be a way to stop the service.
const AT_ONCE: usize = 2;

/// So many more may wait, which is a second or two; whoever comes then is told to try again.
const WAITING: usize = 64;

/// A hash of nothing anybody has: checking against it takes as long as against a real one, so that an unknown e-mail
/// cannot be told from a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2hvYWwgbm9ib2R5IGF0IGFsbA$6M0MxNzM6gyiLKPn5nsQeVK1gC4WL4a1J1EVsUo4rvA";

/// Where passwords are worked on: two at a time, beside the threads that answer requests.
#[derive(Debug)]
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    /// Places and seats to wait on.
    seats: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), seats: Semaphore::new(AT_ONCE + WAITING) }
    }
}

impl Passwords {
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _seat = self.seats.try_acquire().map_err(|_| busy())?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(Error::fault)?;
        let work = move || {
            // Goes with the work: it runs to its end even if nobody waits for it any more.
            let _place = place;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::fault)
    }

    /// The hash of a password, with a salt of its own.
    pub(crate) async fn hash(&self, password: String, randomness: &dyn Randomness) -> Result<String, Error> {
        let mut salt = [0; 16];
        randomness.fill(&mut salt);
        self.work(move || {
            let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(Error::fault)
        })
        .await?
    }

    /// Whether this is the password; against nothing it takes as long and is wrong.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        self.work(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let parsed = PasswordHash::new(&hash).map_err(Error::fault)?;
            let right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(known && right)
        })
        .await?
    }
}

/// The answer when too many wait.
fn busy() -> Refusal {
    let message = message!("sign-in-busy", "too many people sign in at the moment; try again in a second");
    Refusal::new(super::UNAVAILABLE, message)
}

/// Checks a new password of somebody with this e-mail and name.
///
/// # Errors
/// What is wrong with it, at the field `password`.
pub fn check(password: &str, email: &str, name: &str) -> Result<(), FieldError> {
    let wrong = |code, message: Message| Err(FieldError::new(["password"], code, message));
    if password.chars().count() < SHORTEST {
        let message =
            message!("password-short", "a password needs {least} characters or more", least = SHORTEST);
        return wrong("TOO_SHORT", message);
    }
    if password.len() > LONGEST {
        let message = message!("password-long", "a password may have {most} bytes at most", most = LONGEST);
        return wrong("TOO_LONG", message);
    }
    let folded = password.to_lowercase();
    let of_person = [email, email.split('@').next().unwrap_or_default(), name];
    if of_person.iter().any(|known| folded == known.to_lowercase()) {
        let message = message!("password-personal", "a password must not be the e-mail address or the name");
        return wrong("WEAK_PASSWORD", message);
    }
    let mut characters: Vec<char> = folded.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < 4 {
        let message = message!("password-uniform", "a password needs four different characters or more");
        return wrong("WEAK_PASSWORD", message);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn so_many_may_wait() {
        let passwords = Passwords::default();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let ended = std::sync::Arc::new(std::sync::Mutex::new(ended));
        let work = || {
            let ended = std::sync::Arc::clone(&ended);
            passwords.work(move || ended.lock().map(|ended| ended.recv().is_err()).is_ok())
        };
        let all = (0..AT_ONCE + WAITING + 3).map(|_| work());
        let mut all = Box::pin(futures::future::join_all(all));
        assert!(futures::poll!(&mut all).is_pending());
        drop(end);
        assert_eq!(all.await.into_iter().filter(Result::is_err).count(), 3);
        assert!(work().await.is_ok(), "the seats are free again");
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_keeps_its_place() {
        let passwords = Passwords::default();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let ended = std::sync::Mutex::new(ended);
        let long = passwords.work(move || ended.lock().map(|ended| ended.recv().is_ok()).is_ok());
        let mut long = Box::pin(long);
        assert!(futures::poll!(&mut long).is_pending());
        drop(long);
        assert_eq!(passwords.places.available_permits(), AT_ONCE - 1);
        end.send(()).unwrap();
        let _all = passwords.places.acquire_many(2).await.unwrap();
    }
}

//! Which gateway sends a token.

use arm::{Code, Error, Result};
use replication::Token;
use store::{Key, Query};

use crate::{Control, kinds::gateway::KEYS};

/// A gateway that has shown a good token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayCaller {
    /// Its key in the store.
    pub(crate) key: Key,
    /// Its name, casing kept.
    pub(crate) name: String,
}

impl Control {
    /// The gateway that sends this `Authorization` header.
    ///
    /// # Errors
    /// It is no token, its gateway is not there, no key of the gateway signed it, or it has ended.
    pub async fn gateway(&self, authorization: Option<&str>) -> Result<GatewayCaller> {
        let missing =
            "A gateway must send 'Authorization: GatewayKey <token>', with the token that generateToken gave.";
        let header = authorization.ok_or_else(|| Error::new(Code::AuthenticationFailed, missing))?;
        let invalid =
            |why: &str| Error::new(Code::InvalidAuthenticationToken, format!("The gateway token is invalid: {why}."));
        let token =
            Token::parse(header).ok_or_else(|| invalid("it has not the form <gateway>&<yyyyMMddHHmm>&<signature>"))?;
        let now = self.parts.clock.now();
        // A token does not say of which service its gateway is: names are few, and the signature decides.
        let mut gateways = self.list(Query::kind("service/gateways")).await?;
        gateways.retain(|gateway| gateway.name().eq_ignore_ascii_case(token.gateway()));
        let def = resources::def("service/gateways").ok_or_else(|| Error::internal("gateways are no kind"))?;
        for gateway in gateways {
            let body = self.opened(def, &gateway)?;
            let keys = KEYS.map(|name| body["properties"][name].as_str().unwrap_or_default());
            if token.is_good(&keys, now) {
                return Ok(GatewayCaller { name: gateway.name().to_owned(), key: gateway.key });
            }
            if token.is_signed(&keys) {
                let ended = arm::rfc3339(token.expiry());
                let message = format!("The gateway token ended at {ended}; make a new one with generateToken.");
                return Err(Error::new(Code::ExpiredAuthenticationToken, message));
            }
        }
        Err(invalid(
            "no gateway of this name has a key that signed it; was the key regenerated, or the gateway deleted?",
        ))
    }
}

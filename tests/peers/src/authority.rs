//! A certificate authority that clients do not trust by default, created for one run.

use std::error::Error;
use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// Issues the certificates of servers.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Creates a key and a certificate, and writes the certificate to `authority.pem` in `dir`.
    pub fn new(dir: &Path, name: &str) -> Result<Self, Box<dyn Error>> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        write(&dir.join("authority.pem"), &certificate.pem())?;
        Ok(Self { issuer: Issuer::new(params, key) })
    }

    /// Writes the `certificate.pem` and `key.pem` of a server into `dir`. The certificate expires in `last_year`.
    pub fn issue(&self, dir: &Path, names: &[&str], last_year: i32) -> Result<(), Box<dyn Error>> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "a server of a test");
        params.not_after = rcgen::date_time_ymd(last_year, 12, 31);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        write(&dir.join("certificate.pem"), &certificate.pem())?;
        write(&dir.join("key.pem"), &key.serialize_pem())
    }
}

fn write(file: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    fs::write(file, text).map_err(|error| format!("writing {}: {error}", file.display()).into())
}

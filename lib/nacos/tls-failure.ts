// Explains why a TLS connection to the registry failed, and what to do about it.

const HINTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet; is this machine's clock right?",
  EPROTO: "it does not support TLS, which https:// in NACOS_SERVER asks for",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not support TLS, which https:// in NACOS_SERVER asks for",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not support TLS, which https:// in NACOS_SERVER asks for",
  HPE_INVALID_CONSTANT: "its answer is not HTTP; if it expects TLS, NACOS_SERVER needs https:// in front",
};

/** Node's error codes for a certificate whose issuer is not trusted. */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA)$/;

/** One line about `cause`; undefined when it is not a TLS error. */
export function tlsFailure(cause: NodeJS.ErrnoException): string | undefined {
  const { code = "" } = cause;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `its certificate is for other names than the one in NACOS_SERVER (${namesOf(cause) ?? cause.message})`;
  }
  if (UNTRUSTED.test(code)) {
    return `its certificate is not signed by an authority that this machine trusts (${code}); NACOS_CA names another`;
  }
  const hint = HINTS[code];
  return hint === undefined ? undefined : `${hint} (${code})`;
}

/** The certificate's names in the error of a failed host name check, such as `DNS:nacos.example`. */
function namesOf(cause: object): string | undefined {
  const cert: unknown = Reflect.get(cause, "cert");
  const names: unknown =
    typeof cert === "object" && cert !== null ? Reflect.get(cert, "subjectaltname") : undefined;
  return typeof names === "string" ? names : undefined;
}

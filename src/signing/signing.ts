/** SHA-256 of a text's UTF-8 bytes, as 64 lower-case hexadecimal digits. */
export type Hash = (text: string) => string;

/** Signs a text; the answer is base64url. Who holds one can make what only its holder may make. */
export type Sign = (text: string) => string;

/** Whether a signature of exactly this text was made with the key that is trusted. Never throws; what is no signature is a wrong one. */
export type Verify = (text: string, signature: string) => boolean;

/** What a method answers: Slack's body without `ok`, or its word for what is wrong. */
export type Answer = { readonly ok: true; readonly body: object } | { readonly ok: false; readonly error: string; readonly more?: object };

export function yes(body: object): Answer {
  return { ok: true, body };
}

/** `error` is Slack's word for it. */
export function no(error: string, more?: object): Answer {
  return { ok: false, error, ...(more ? { more } : {}) };
}

/** The value that a JSON text stands for; undefined, which no JSON stands for, when it is none. Schemas refuse undefined, so callers check once. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // That it is no JSON is the answer.
    return undefined;
  }
}

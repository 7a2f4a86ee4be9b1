/** Long enough for an error's first words. */
const LOOK_AT_BYTES = 256;

/** An error as the first event (OpenAI's frame or Anthropic's event), a JSON object, or a page: none of them is a stream. */
const BROKEN =
  /^\s*(?:[{<]|event:\s*error\b|data:\s*\{\s*(?:"error"\s*:\s*["{]|"type"\s*:\s*"error"))/;

/** Does a stream begin with what can only be an error? Then nobody has seen any of it, and it is not too late to ask again. */
export function isBrokenBeginning(chunk: Buffer): boolean {
  return BROKEN.test(chunk.toString('latin1', 0, LOOK_AT_BYTES));
}

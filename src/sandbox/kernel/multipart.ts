export interface FormPart {
  name: string;
  filename: string | null;
  bytes: Buffer;
}

/** Parts of a `multipart/form-data` body; `null` when the header or the framing is broken. */
export function readMultipart(contentType: string, body: Buffer): FormPart[] | null {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return null;
  const line = Buffer.from(`--${mark}`);
  const parts: FormPart[] = [];
  let at = body.indexOf(line);
  while (at >= 0) {
    const start = at + line.length;
    if (body.toString('latin1', start, start + 2) === '--') return parts;
    const next = body.indexOf(Buffer.concat([Buffer.from('\r\n'), line]), start);
    const headEnd = body.indexOf('\r\n\r\n', start);
    if (next < 0 || headEnd < 0 || headEnd > next) return null;
    const head = body.toString('utf8', start, headEnd);
    const name = /content-disposition:[^\r\n]*[;\s]name="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined) return null;
    const filename = /filename="([^"]*)"/i.exec(head)?.[1] ?? null;
    parts.push({ name, filename, bytes: body.subarray(headEnd + 4, next) });
    at = next + 2;
  }
  return null;
}

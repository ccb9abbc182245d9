// SPDX-License-Identifier: MIT
// node:stream/consumers: all that a stream, or another iterable, has to give.
import { Buffer } from "node:buffer";

export async function blob(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new Blob(chunks);
}

export const arrayBuffer = async (stream) =>
  (await blob(stream)).arrayBuffer();

export const buffer = async (stream) => Buffer.from(await arrayBuffer(stream));

export async function text(stream) {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of stream) {
    all += typeof chunk === "string" ? chunk
        : decoder.decode(chunk, { stream: true });
  }
  return all + decoder.decode();
}

export const json = async (stream) => JSON.parse(await text(stream));

export default { arrayBuffer, blob, buffer, text, json };

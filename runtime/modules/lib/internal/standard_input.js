// SPDX-License-Identifier: MIT
// Standard input as a source of bytes (byte_streams.js), for rill:process and
// for process.stdin: whoever reads takes from the one connection.
import { read } from "rill:internal/files";
import { connectionSource } from "rill:internal/byte_streams";
import { openInput } from "rill:internal/terminal";

// Files are read where the descriptor stands, by the thread pool.
const fileSource = (fd) => ({
  async read() {
    const bytes = await read(fd, 65536, null);
    return bytes.length === 0 ? null : bytes;
  },
  cancelRead() {},
  async close() {},
});

// What cannot be opened tells whoever reads.
const failedSource = (error) => ({
  read: () => Promise.reject(error),
  cancelRead() {},
  async close() {},
});

export function openSource(fd) {
  let connection;
  try {
    connection = openInput(fd);
  } catch (error) {
    return failedSource(error);
  }
  return connection === null ? fileSource(fd) : connectionSource(connection);
}

let source;
export const inputSource = () => source ??= openSource(0);

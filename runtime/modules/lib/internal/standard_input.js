// SPDX-License-Identifier: MIT
// Standard input as a source of bytes (byte_streams.js), for rill:process and
// for process.stdin: whoever reads takes from the one connection.
import { read } from "rill:internal/files";
import { connectionSource } from "rill:internal/byte_streams";
import { openInput } from "rill:internal/terminal";

// Files are read where the descriptor stands, by the thread pool. What comes of
// a read that nobody waits for any more is the next one's.
function fileSource(fd) {
  let current, left;
  const begin = async () => {
    const bytes = await read(fd, 65536, null);
    return bytes.length === 0 ? null : bytes;
  };
  return {
    read() {
      current = left ?? begin();
      left = undefined;
      return current;
    },
    cancelRead() {
      left = current;
    },
    async close() {},
  };
}

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

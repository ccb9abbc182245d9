// SPDX-License-Identifier: MIT
// node:stream/promises
import {
  finished as finishedBy,
  pipeline as pipelineBy,
} from "rill:internal/streams/pipeline";

export const finished = (stream, options) =>
  new Promise((resolve, reject) => {
    const cleanUp = finishedBy(stream, options ?? {}, (error) => {
      if (options?.cleanup) cleanUp();
      if (error) reject(error);
      else resolve();
    });
  });

export const pipeline = (...parts) =>
  new Promise((resolve, reject) => {
    pipelineBy(...parts, (error, value) => {
      if (error) reject(error);
      else resolve(value);
    });
  });

export default { finished, pipeline };

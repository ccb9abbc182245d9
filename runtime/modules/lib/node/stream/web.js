// SPDX-License-Identifier: MIT
// node:stream/web: the web's streams.
import {
  CompressionStream,
  DecompressionStream,
} from "rill:internal/web/compression_streams";
import {
  TextDecoderStream,
  TextEncoderStream,
} from "rill:internal/web/encoding_streams";
import {
  ReadableByteStreamController,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
} from "rill:internal/web/streams/byte";
import {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
} from "rill:internal/web/streams/common";
import {
  ReadableStream,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
} from "rill:internal/web/streams/readable";
import {
  TransformStream,
  TransformStreamDefaultController,
} from "rill:internal/web/streams/transform";
import {
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from "rill:internal/web/streams/writable";

export {
  ByteLengthQueuingStrategy,
  CompressionStream,
  CountQueuingStrategy,
  DecompressionStream,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TextDecoderStream,
  TextEncoderStream,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};
export default {
  ByteLengthQueuingStrategy,
  CompressionStream,
  CountQueuingStrategy,
  DecompressionStream,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TextDecoderStream,
  TextEncoderStream,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};

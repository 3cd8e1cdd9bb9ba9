import { fileURLToPath } from 'node:url';

/** The name of the encoder that ships, where a hub id or a folder might stand. */
export const shippedEncoder = 'tiny-e5';

/** The tiny e5 that ships: an ONNX folder as `ssp encoder export` writes it. */
export const tinyEncoderFolder = folderOf('tiny-e5');

/** The tiny policy that ships: a model folder in the Hugging Face format. */
export const tinyPolicyFolder = folderOf('tiny-policy');

function folderOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

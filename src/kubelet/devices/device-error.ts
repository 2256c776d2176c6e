/** Devices that a pod asks for cannot be given to it. */
export class DeviceError extends Error {
  override readonly name = 'DeviceError';
}

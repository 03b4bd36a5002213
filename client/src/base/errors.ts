/** Every way the client can fail, as one enum; pages choose the sentence and the remedy by it. */

export enum Cause {
  /** The person (or a policy of the browser) said no to camera or microphone. */
  PermissionRefused = "permission_refused",
  /** No camera, or no microphone, is connected. `fields.device` says which, if the browser tells. */
  DeviceMissing = "device_missing",
  /** Another program holds the device. */
  DeviceBusy = "device_busy",
  /** A window or a tab was shared; the whole screen is required. `fields.surface` is what was shared. */
  WindowShared = "window_shared",
  /** The browser does not say what was shared, so the whole screen cannot be verified. */
  SurfaceUnknown = "surface_unknown",
  /** The screen-sharing question was closed or refused. */
  ShareRefused = "share_refused",
  /** The browser lacks something the recording needs. `fields.missing` names it. */
  BrowserUnsupported = "browser_unsupported",
  /** None of the known codecs can be encoded here. */
  CodecUnavailable = "codec_unavailable",
  /** An encoder gave up; the recorder starts a new media epoch. */
  EncoderFailed = "encoder_failed",
  /** The browser's storage is full or closed to us. */
  StorageFull = "storage_full",
  StorageUnavailable = "storage_unavailable",
  /** The server holds other bytes under this number: a defect or tampering. `fields` name the segment. */
  AlteredRepeat = "altered_repeat",
  /** The stored bytes no longer have the checksum they were stored with. */
  DamagedLocally = "damaged_locally",
  /** The server will never take this request (400, 413). */
  Refused = "refused",
  /** The page must get a new token. */
  NotSignedIn = "not_signed_in",
  /** The live door sent something that is not in the contract. */
  BadMessage = "bad_message",
}

export class ClientError extends Error {
  constructor(
    readonly cause_code: Cause,
    message: string,
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "ClientError";
  }
}

export function isDomException(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}

/** Asks for camera, microphone and the whole screen, and says in typed causes why it did not get them. */

import { Cause, ClientError, isDomException } from "../base/errors";
import type { GapCause } from "../base/wire";

export interface CameraWish {
  /** False when the policy records no sound: then the microphone is never opened. */
  sound: boolean;
  camera_id?: string;
  microphone_id?: string;
}

/** Echo cancelling and gain control hide the very sounds that matter, and cost processor time. */
const RAW_SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };

export async function openCamera(wish: CameraWish): Promise<MediaStream> {
  const video: MediaTrackConstraints = {
    width: { ideal: 640 },
    height: { ideal: 480 },
    frameRate: { ideal: 15, max: 30 },
    ...(wish.camera_id ? { deviceId: { exact: wish.camera_id } } : {}),
  };
  const audio: MediaTrackConstraints | false = wish.sound && {
    ...RAW_SOUND,
    ...(wish.microphone_id ? { deviceId: { exact: wish.microphone_id } } : {}),
  };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio });
  } catch (error) {
    throw await cameraError(error, wish.sound);
  }
}

async function cameraError(error: unknown, sound: boolean): Promise<unknown> {
  if (isDomException(error, "NotAllowedError") || isDomException(error, "SecurityError")) {
    const message = "Camera or microphone are not allowed. Allow them in the address bar and try again.";
    return new ClientError(Cause.PermissionRefused, message);
  }
  if (isDomException(error, "NotFoundError") || isDomException(error, "OverconstrainedError")) {
    const device = await missingDevice(sound);
    return new ClientError(Cause.DeviceMissing, `No ${device} was found. Connect one and try again.`, { device });
  }
  if (isDomException(error, "NotReadableError") || isDomException(error, "AbortError")) {
    const message = "Another program uses the camera or microphone. Close it and try again.";
    return new ClientError(Cause.DeviceBusy, message);
  }
  return error;
}

async function missingDevice(sound: boolean): Promise<string> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some((device) => device.kind === "videoinput")) return "camera";
  return sound && !devices.some((device) => device.kind === "audioinput") ? "microphone" : "camera";
}

interface DisplayOptions extends DisplayMediaStreamOptions {
  monitorTypeSurfaces: "include";
  surfaceSwitching: "exclude";
  selfBrowserSurface: "exclude" | "include";
  preferCurrentTab?: boolean;
}

/**
 * Must be called from a click. Resolves only with a whole monitor: the constraint is a mere hint to the browser's
 * dialog, so what came back is looked at, and anything else is stopped and refused.
 */
export async function openScreen(overrides: Partial<DisplayOptions> = {}): Promise<MediaStream> {
  const options: DisplayOptions = {
    video: { displaySurface: "monitor", frameRate: { max: 5 }, width: { max: 1920 }, height: { max: 1080 } },
    audio: false,
    monitorTypeSurfaces: "include",
    surfaceSwitching: "exclude",
    selfBrowserSurface: "exclude",
    ...overrides,
  };
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia(options);
  } catch (error) {
    if (!isDomException(error, "NotAllowedError")) throw error;
    throw new ClientError(Cause.ShareRefused, "The screen is not shared. Choose your whole screen and press Share.");
  }
  const surface = stream.getVideoTracks()[0]?.getSettings().displaySurface;
  if (surface === "monitor") return stream;
  for (const track of stream.getTracks()) track.stop();
  if (surface === undefined) {
    const message = "This browser does not tell what is shared. Use Chrome, Edge or Chromium.";
    throw new ClientError(Cause.SurfaceUnknown, message);
  }
  const message = "Only a window or tab is shared. Share again and choose your whole screen.";
  throw new ClientError(Cause.WindowShared, message, { surface });
}

/** True: a second display is attached. Null: this browser does not tell. Poll it; its change event does not fire. */
export function hasSecondDisplay(): boolean | null {
  const { isExtended } = screen as Screen & { isExtended?: boolean };
  return isExtended ?? null;
}

/** Why a device track ended: taken away by the person's permission, or gone. */
export async function endCause(kind: "camera" | "microphone"): Promise<GapCause> {
  try {
    const status = await navigator.permissions.query({ name: kind as PermissionName });
    return status.state === "denied" ? "permission_revoked" : "device_lost";
  } catch {
    return "device_lost"; // Firefox knows no such permission name
  }
}

export function stopStream(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Long side of what is sent; the routes take 1 MiB as JSON. */
const MAX_SIDE = 1_280;
const SIZE = { width: 480, height: 360 };

/** A photo as a buyer might send it: a parcel with a crack. Base64 of a PNG. */
export function samplePicture(): string {
  const canvas = document.createElement('canvas');
  canvas.width = SIZE.width;
  canvas.height = SIZE.height;
  const pen = canvas.getContext('2d');
  if (pen === null) throw new Error('This browser cannot draw the sample picture.');
  const floor = pen.createLinearGradient(0, 0, 0, SIZE.height);
  floor.addColorStop(0, '#dfe7ea');
  floor.addColorStop(1, '#b9c6cb');
  pen.fillStyle = floor;
  pen.fillRect(0, 0, SIZE.width, SIZE.height);
  pen.fillStyle = 'rgba(40, 50, 60, 0.18)';
  pen.beginPath();
  pen.ellipse(240, 296, 160, 22, 0, 0, Math.PI * 2);
  pen.fill();
  face(pen, '#c99a5b', [
    [110, 130],
    [290, 150],
    [290, 300],
    [110, 270],
  ]);
  face(pen, '#a97b40', [
    [290, 150],
    [380, 118],
    [380, 258],
    [290, 300],
  ]);
  face(pen, '#dbb277', [
    [110, 130],
    [205, 100],
    [380, 118],
    [290, 150],
  ]);
  face(pen, '#e9dcc0', [
    [186, 139],
    [214, 142],
    [214, 198],
    [186, 194],
  ]);
  pen.strokeStyle = '#5b3a16';
  pen.lineWidth = 4;
  pen.beginPath();
  pen.moveTo(262, 148);
  for (const [x, y] of [
    [246, 178],
    [268, 200],
    [240, 232],
    [256, 262],
  ] as const)
    pen.lineTo(x, y);
  pen.stroke();
  return base64Of(canvas, 'image/png');
}

/** A smiling face. Base64 of a PNG. */
export function sampleSticker(): string {
  const canvas = document.createElement('canvas');
  canvas.width = 160;
  canvas.height = 160;
  const pen = canvas.getContext('2d');
  if (pen === null) throw new Error('This browser cannot draw the sticker.');
  const disc = (x: number, y: number, radius: number, colour: string) => {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(x, y, radius, 0, Math.PI * 2);
    pen.fill();
  };
  disc(80, 80, 72, '#ffd25a');
  disc(56, 66, 9, '#5b3a16');
  disc(104, 66, 9, '#5b3a16');
  pen.strokeStyle = '#5b3a16';
  pen.lineWidth = 9;
  pen.lineCap = 'round';
  pen.beginPath();
  pen.arc(80, 82, 38, Math.PI * 0.15, Math.PI * 0.85);
  pen.stroke();
  return base64Of(canvas, 'image/png');
}

/** A chosen file, made small enough to be sent. Rejects with a sentence when it is not a picture. */
export async function pictureOf(file: File): Promise<string> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error('This file is not a picture that the browser can read.');
  }
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return base64Of(canvas, 'image/jpeg');
}

const base64Of = (canvas: HTMLCanvasElement, type: string): string =>
  canvas.toDataURL(type, 0.82).replace(/^data:[^,]*,/, '');

function face(pen: CanvasRenderingContext2D, colour: string, corners: readonly (readonly [number, number])[]): void {
  pen.fillStyle = colour;
  pen.beginPath();
  for (const [x, y] of corners) pen.lineTo(x, y);
  pen.closePath();
  pen.fill();
}

// pdf-lib writes a document and reads it back.
const { PDFDocument, StandardFonts, degrees, rgb } = require("pdf-lib");

async function main() {
  const date = new Date(0);
  const pdf = await PDFDocument.create({ updateMetadata: false });
  pdf.setTitle("Title ü€");
  pdf.setCreationDate(date);
  pdf.setModificationDate(date);
  const font = await pdf.embedFont(StandardFonts.TimesRoman);
  for (let i = 0; i < 20; i++) {
    const page = pdf.addPage([400, 300]);
    page.drawText(`Page ${i}: quick brown fox`, { x: 20, y: 250 - i, size: 12 + i / 2, font, color: rgb(0.1, 0.5, i / 20) });
    page.drawRectangle({ x: 10, y: 10, width: 5 * i, height: 20, rotate: degrees(i), opacity: 0.5 });
    page.drawSvgPath("M 0,20 L 100,160 Q 130,200 150,120 C 190,-40 200,200 300,150 L 400,90", { scale: 0.2, x: 30, y: 200 });
  }
  const form = pdf.getForm();
  form.createTextField("a.b").setText("value");
  form.createCheckBox("c").check();
  const bytes = await pdf.save({ useObjectStreams: true });
  const sum = bytes.reduce((h, b) => (Math.imul(h, 31) + b) | 0, 7);
  console.log(bytes.length, sum, font.widthOfTextAtSize("wide", 20));
  const read = await PDFDocument.load(bytes, { updateMetadata: false });
  console.log(read.getTitle(), read.getPageCount(), read.getPage(3).getSize(), read.getForm().getFields().map((f) => f.getName()));
  const merged = await PDFDocument.create({ updateMetadata: false });
  for (const page of await merged.copyPages(read, [4, 2])) merged.addPage(page);
  console.log((await merged.save({ useObjectStreams: false })).length);
  console.log(Buffer.from(await merged.save({ useObjectStreams: false })).toString("latin1").slice(0, 3000));
}
main();

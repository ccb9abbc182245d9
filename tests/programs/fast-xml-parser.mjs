// fast-xml-parser reads, validates and writes XML.
import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";

const xml = `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY who "World">]><r xmlns:n="u" a='1' b="x &lt; y"><!-- c --><n:e>text &who; &#65;&#x42;</n:e><e>1.50</e><e>0x1F</e><e>007</e><s/><s flag/><t><![CDATA[<raw> & ]]>tail</t>
${Array.from({ length: 2000 }, (_, i) => `<item id="${i}"><name>Item ${i}</name><price cur="€">${i * 1.25}</price><ok>${i % 2 === 0}</ok></item>`).join("\n")}</r>`;
const options = { ignoreAttributes: false, allowBooleanAttributes: true, cdataPropName: "#cdata", commentPropName: "#comment" };
const parsed = new XMLParser(options).parse(xml);
console.log(JSON.stringify({ ...parsed.r, item: parsed.r.item.slice(-2) }, null, 1), parsed.r.item.length);
const text = new XMLBuilder({ ...options, format: true, suppressEmptyNode: true }).build(parsed);
console.log(text.length, text.slice(0, 1000));
const ordered = new XMLParser({ ...options, preserveOrder: true, removeNSPrefix: true }).parse(xml);
console.log(JSON.stringify(ordered).length, JSON.stringify(ordered).slice(0, 1500));
for (const bad of ["<a><b></a>", "<a b=c/>", "<a/><b/>", "<a", "<a>&nope</a>"]) console.log(JSON.stringify(XMLValidator.validate(bad)));

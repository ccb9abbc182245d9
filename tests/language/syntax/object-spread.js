const q={a:1,b:2,3:4}; const sym=Symbol('s'); const w={x:1,get y(){return 5},[sym]:6}; const d={a:1,b:2}; delete d.a; d.c=3; d.a=9;
const ne=Object.defineProperty({z:1,v:2},'z',{enumerable:false});
console.log(JSON.stringify({...q,k:1}), JSON.stringify({...w}), ({...w})[sym], JSON.stringify({...d}), JSON.stringify({...ne}), JSON.stringify({a:0,...d,b:7}), JSON.stringify({...'hi',...[1,2],...null}));
const {a, ...r} = {a:1,b:2,c:3}; console.log(JSON.stringify(r)); class P{ #x=1; m=2 } console.log(JSON.stringify({...new P}));
console.log(JSON.stringify(Object.freeze({...Object.freeze({f:1})})), Object.getOwnPropertyDescriptor({...Object.freeze({f:1})},'f').writable);

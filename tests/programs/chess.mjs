// chess.js: perft counts of moves, notation, and a game.
import { Chess } from "chess.js";

const chess = new Chess();
for (const depth of [1, 2, 3]) console.log(depth, chess.perft(depth));
const middle = new Chess("r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1");
console.log(middle.perft(2), middle.moves().join(" "));
console.log(middle.ascii());
chess.loadPgn(`[White "Paul"] [Black "Duke"]

1. e4 e5 2. Nf3 d6 3. d4 Bg4 {a pin} 4. dxe5 Bxf3 5. Qxf3 dxe5 6. Bc4 Nf6 7. Qb3 Qe7
8. Nc3 c6 9. Bg5 b5 10. Nxb5 cxb5 11. Bxb5+ Nbd7 12. O-O-O Rd8 13. Rxd7 Rxd7 14. Rd1 Qe6
15. Bxd7+ Nxd7 16. Qb8+ Nxb8 17. Rd8# 1-0`);
console.log(chess.fen(), chess.isCheckmate(), chess.history({ verbose: true }).at(-1), chess.getComments());
console.log(chess.pgn({ maxWidth: 60 }));
for (const bad of ["e9", "Ke2"]) {
  try {
    new Chess().move(bad);
  } catch (error) {
    console.log(error.message);
  }
}

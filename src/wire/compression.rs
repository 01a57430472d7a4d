//! Compressed bodies (`Compression.Scheme`, `TransportDecompressor`). An answer is compressed where
//! its request was, which ours are not; whatever a node may do, what comes out is bounded.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::primitive::{Reader, Truncated};

/// Front of a deflated body (`DeflateCompressor`); a raw stream follows (RFC 1951).
const DEFLATE: &[u8; 4] = b"DFL\0";

/// Front of a body in the block format of lz4-java (`Compression.Scheme`).
const LZ4: &[u8; 4] = b"LZ4\0";

/// Front of each of its blocks (`LZ4BlockOutputStream`): magic, then one byte for method and level.
const BLOCK: &[u8; 8] = b"LZ4Block";
const STORED: u8 = 0x10;
const COMPRESSED: u8 = 0x20;

/// Decompresses a body of either scheme, which its first bytes tell. Refuses what would take more
/// than `most` bytes.
pub(super) fn decompress(body: &[u8], most: usize) -> Result<Vec<u8>, Truncated> {
    match body.split_first_chunk() {
        Some((DEFLATE, stream)) => inflate(stream, most),
        Some((LZ4, blocks)) => lz4(blocks, most),
        _ => Err(Truncated),
    }
}

fn inflate(stream: &[u8], most: usize) -> Result<Vec<u8>, Truncated> {
    let mut out = Vec::new();
    let limit = u64::try_from(most).map_err(|_| Truncated)? + 1;
    let read = DeflateDecoder::new(stream)
        .take(limit)
        .read_to_end(&mut out);
    // Nodes flush the stream and do not always end it: what came out is what was sent.
    match read {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof && !out.is_empty() => {}
        Err(_) => return Err(Truncated),
    }
    if out.len() > most {
        return Err(Truncated);
    }
    Ok(out)
}

fn lz4(blocks: &[u8], most: usize) -> Result<Vec<u8>, Truncated> {
    let mut reader = Reader::new(blocks);
    let mut out = Vec::new();
    while !reader.is_empty() {
        if reader.bytes(BLOCK.len())? != BLOCK {
            return Err(Truncated);
        }
        let method = reader.byte()? & 0xf0;
        let compressed = size(&mut reader)?;
        let size = size(&mut reader)?;
        // The checksum is not computed: TLS has one, and what is decoded next is checked.
        reader.bytes(4)?;
        if size == 0 {
            break;
        }
        if out.len() + size > most {
            return Err(Truncated);
        }
        let block = reader.bytes(compressed)?;
        match method {
            STORED if compressed == size => out.extend_from_slice(block),
            COMPRESSED => {
                let block = lz4_flex::block::decompress(block, size).map_err(|_| Truncated)?;
                out.extend_from_slice(&block);
            }
            _ => return Err(Truncated),
        }
    }
    Ok(out)
}

fn size(reader: &mut Reader<'_>) -> Result<usize, Truncated> {
    let bytes = reader.bytes(4)?.try_into().expect("four bytes");
    usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| Truncated)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use proptest::prelude::*;

    use super::*;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(DEFLATE.to_vec(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn stored(bytes: &[u8]) -> Vec<u8> {
        let mut out = LZ4.to_vec();
        for (method, part) in [(STORED, bytes), (STORED, &[][..])] {
            let size = u32::try_from(part.len()).unwrap().to_le_bytes();
            out.extend_from_slice(BLOCK);
            out.push(method);
            out.extend(size);
            out.extend(size);
            out.extend([0; 4]);
            out.extend_from_slice(part);
        }
        out
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = deflated(&vec![0; 4 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(decompress(&bomb, 1 << 20), Err(Truncated));
        // A block that says it is 4 GiB.
        let mut block = LZ4.to_vec();
        block.extend_from_slice(BLOCK);
        block.extend([
            COMPRESSED, 4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1, 2, 3, 4,
        ]);
        assert_eq!(decompress(&block, 1 << 20), Err(Truncated));
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(bytes: Vec<u8>) {
            prop_assert_eq!(decompress(&deflated(&bytes), bytes.len()), Ok(bytes.clone()));
            prop_assert_eq!(decompress(&stored(&bytes), bytes.len()), Ok(bytes));
        }

        #[test]
        fn no_bytes_break_it(scheme in 0..3_usize, bytes: Vec<u8>) {
            let front: [&[u8]; 3] = [DEFLATE, LZ4, b"LZ4\0LZ4Block"];
            let body = [front[scheme], &bytes].concat();
            if let Ok(out) = decompress(&body, 1_000) {
                prop_assert!(out.len() <= 1_000);
            }
        }
    }
}

//! Room for the bytes of leases that are too long for their records.
//!
//! Blocks of a few sizes lie side by side in chunks, and a block that is given back is the next to be taken: a lease
//! that comes, is renewed or goes asks the system for memory only when a chunk is full.

/// The sizes of blocks. What is longer has an allocation of its own: only user contexts are.
const SIZES: [usize; 8] = [48, 64, 96, 128, 192, 256, 512, 1024];

/// How much memory is asked for at once.
const CHUNK: usize = 16 << 10;

/// Blocks of bytes. Whoever takes one remembers its number and the length asked for.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    blocks: [Blocks; SIZES.len()],
    long: Vec<Box<[u8]>>,
    long_free: Vec<u32>,
}

/// Blocks of one size.
#[derive(Debug, Default)]
struct Blocks {
    chunks: Vec<Box<[u8]>>,
    /// How many blocks were ever taken.
    taken: u32,
    free: Vec<u32>,
}

/// The index into [`SIZES`] of the smallest size that has room, or its length if none has.
fn size_of(length: usize) -> usize {
    SIZES.partition_point(|&size| size < length)
}

impl Texts {
    /// A block for `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> u32 {
        let at = size_of(length);
        if let Some(blocks) = self.blocks.get_mut(at) {
            return blocks.take(SIZES[at]);
        }
        let text = vec![0; length].into();
        if let Some(block) = self.long_free.pop() {
            self.long[block as usize] = text;
            return block;
        }
        self.long.push(text);
        (self.long.len() - 1) as u32
    }

    /// Whether a block that was taken for `taken` bytes is as good as any for `wanted`.
    pub(crate) fn fits(taken: usize, wanted: usize) -> bool {
        let at = size_of(taken);
        if at < SIZES.len() { at == size_of(wanted) } else { taken == wanted }
    }

    /// Makes a block free that was taken for `length` bytes.
    pub(crate) fn give_back(&mut self, length: usize, block: u32) {
        match self.blocks.get_mut(size_of(length)) {
            Some(blocks) => blocks.free.push(block),
            None => {
                self.long[block as usize] = Box::default();
                self.long_free.push(block);
            }
        }
    }

    /// The `length` bytes of a block.
    pub(crate) fn get(&self, length: usize, block: u32) -> &[u8] {
        let at = size_of(length);
        match self.blocks.get(at) {
            Some(blocks) => {
                let (chunk, start) = place(SIZES[at], block);
                &blocks.chunks[chunk][start..start + length]
            }
            None => &self.long[block as usize],
        }
    }

    /// The `length` bytes of a block, to be written.
    pub(crate) fn get_mut(&mut self, length: usize, block: u32) -> &mut [u8] {
        let at = size_of(length);
        match self.blocks.get_mut(at) {
            Some(blocks) => {
                let (chunk, start) = place(SIZES[at], block);
                &mut blocks.chunks[chunk][start..start + length]
            }
            None => &mut self.long[block as usize],
        }
    }
}

impl Blocks {
    fn take(&mut self, size: usize) -> u32 {
        if let Some(block) = self.free.pop() {
            return block;
        }
        let block = self.taken;
        if place(size, block).0 == self.chunks.len() {
            self.chunks.push(vec![0; CHUNK / size * size].into());
        }
        // There are no more leases than addresses, and a lease has one block.
        self.taken += 1;
        block
    }
}

/// The chunk of a block of this size, and where it begins there.
fn place(size: usize, block: u32) -> (usize, usize) {
    let each = CHUNK / size;
    (block as usize / each, block as usize % each * size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the lengths, and however often blocks change hands, nobody writes into another's.
    #[test]
    fn blocks_do_not_overlap() {
        let mut texts = Texts::default();
        let mut kept: Vec<(usize, u32, u8)> = Vec::new();
        let mut mark = 0u8;
        for round in 0..40 {
            for length in (1..1300).step_by(7) {
                let block = texts.take(length);
                mark = mark.wrapping_add(1);
                texts.get_mut(length, block).fill(mark);
                kept.push((length, block, mark));
            }
            // Every third goes, other ones each time.
            let mut number = round;
            kept.retain(|&(length, block, _)| {
                number += 1;
                if number % 3 == 0 {
                    texts.give_back(length, block);
                }
                number % 3 != 0
            });
        }
        for (length, block, mark) in kept {
            assert!(texts.get(length, block).iter().all(|&byte| byte == mark), "{length} bytes");
        }
    }

    /// What is given back is taken again before more memory is asked for.
    #[test]
    fn blocks_are_reused() {
        let mut texts = Texts::default();
        for length in [40, 100, 1024, 5000] {
            let first = texts.take(length);
            for _ in 0..10_000 {
                let block = texts.take(length);
                texts.give_back(length, block);
            }
            assert!(texts.take(length) <= first + 1);
        }
        let chunks: usize = texts.blocks.iter().map(|blocks| blocks.chunks.len()).sum();
        assert_eq!((chunks, texts.long.len()), (3, 2));
    }

    /// A block serves every length of its size; a long one only its own.
    #[test]
    fn a_block_fits_lengths_of_its_size() {
        assert!(Texts::fits(65, 96) && !Texts::fits(64, 65) && !Texts::fits(1024, 1025));
        assert!(Texts::fits(2000, 2000) && !Texts::fits(2000, 1999));
    }
}

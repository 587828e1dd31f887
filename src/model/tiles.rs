//! Tiles: a large picture in parts that share their borders.

use super::{ModelError, Tiles, boxes::Boxed};
use crate::images::Picture;

/// How many tiles a picture may have.
const MOST: usize = 4_096;

/// A part of a picture: where it begins, how large it is, and which of its sides (left, top, right, bottom) lie within the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) from: [u32; 2],
    pub(crate) size: [u32; 2],
    pub(crate) inner: [bool; 4],
}

/// The tiles of a picture of this size: the whole of it where it is no larger than one.
pub(crate) fn tiles(width: u32, height: u32, spec: Option<&Tiles>) -> Result<Vec<Tile>, ModelError> {
    let whole = Tile { from: [0, 0], size: [width, height], inner: [false; 4] };
    let Some(spec) = spec.filter(|t| width > t.size || height > t.size) else { return Ok(vec![whole]) };
    let (columns, rows) = (starts(width, spec), starts(height, spec));
    if columns.len() * rows.len() > MOST {
        let reason =
            format!("{width} × {height} pixels make {} × {} tiles, and {MOST} are the limit: take larger tiles", columns.len(), rows.len());
        return Err(ModelError::Prepare(reason));
    }
    let mut all: Vec<Tile> = spec.whole.then_some(whole).into_iter().collect();
    for y in rows {
        for &x in &columns {
            let size = [spec.size.min(width), spec.size.min(height)];
            let inner = [x > 0, y > 0, x + size[0] < width, y + size[1] < height];
            all.push(Tile { from: [x, y], size, inner });
        }
    }
    Ok(all)
}

/// Where tiles begin along one side: evenly, the last one ending with the picture.
fn starts(side: u32, spec: &Tiles) -> Vec<u32> {
    if side <= spec.size {
        return vec![0];
    }
    let step = f64::from(spec.size) * (1.0 - spec.overlap);
    let span = side - spec.size;
    let count = (f64::from(span) / step).ceil().max(1.0) as u32;
    (0..=count).map(|n| (u64::from(span) * u64::from(n) / u64::from(count)) as u32).collect()
}

impl Tile {
    /// Its pixels.
    pub(crate) fn of(&self, picture: &Picture) -> Option<Picture> {
        let [x, y] = self.from.map(|v| v as usize);
        let [width, height] = self.size.map(|v| v as usize);
        let stride = picture.width as usize * 3;
        let rows = (y..y + height).map(|row| picture.rgb.get(row * stride + x * 3..row * stride + (x + width) * 3));
        let rgb = rows.collect::<Option<Vec<_>>>()?.concat();
        Picture::from_rgb(self.size[0], self.size[1], rgb)
    }

    /// A box in the tile's pixels, in those of the picture; sides at an inner border are cut.
    pub(crate) fn place(&self, mut one: Boxed) -> Boxed {
        // A box that ends within this distance of a tile's side ends because the tile does.
        let near = |axis: usize| (f64::from(self.size[axis]) * 0.01).max(2.0);
        let [x0, y0, x1, y1] = one.corners;
        let [width, height] = self.size.map(f64::from);
        one.cut = [
            self.inner[0] && x0 <= near(0),
            self.inner[1] && y0 <= near(1),
            self.inner[2] && x1 >= width - near(0),
            self.inner[3] && y1 >= height - near(1),
        ];
        let [x, y] = self.from.map(f64::from);
        one.corners = [x0 + x, y0 + y, x1 + x, y1 + y];
        one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_picture_and_share_their_borders() {
        let spec = Tiles { size: 100, overlap: 0.2, whole: false };
        let all = tiles(250, 90, Some(&spec)).unwrap();
        assert_eq!(all.iter().map(|t| t.from[0]).collect::<Vec<_>>(), [0, 75, 150]);
        assert_eq!(all[1], Tile { from: [75, 0], size: [100, 90], inner: [true, false, true, false] });
        assert_eq!(tiles(100, 100, Some(&spec)).unwrap().len(), 1, "no larger than a tile: whole");
        assert_eq!(tiles(101, 101, Some(&Tiles { whole: true, ..spec })).unwrap().len(), 5);
        assert!(tiles(100_000, 100_000, Some(&spec)).is_err());
    }

    #[test]
    fn a_tile_has_its_own_pixels() {
        let rgb = (0..6 * 4).flat_map(|i| [i as u8; 3]).collect();
        let picture = Picture::from_rgb(6, 4, rgb).unwrap();
        let tile = Tile { from: [2, 1], size: [3, 2], inner: [true; 4] };
        assert_eq!(tile.of(&picture).unwrap().rgb.iter().step_by(3).copied().collect::<Vec<_>>(), [8, 9, 10, 14, 15, 16]);
    }
}

//! An address that is itself a IIIF image request: identifier, region, size, rotation, quality and format, read apart.

/// What an image request says (Image API 2 and 3, section 4).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ImageRequest {
    /// Everything up to the identifier: where `info.json` stands.
    pub(crate) service: String,
    pub(crate) region: Region,
    pub(crate) size: Size,
    region_text: String,
    /// Rotation, quality and format, as they are written.
    rest: String,
}

/// Which part of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Region {
    Full,
    Square,
    /// Left, top, width and height in pixels.
    Pixels(u32, u32, u32, u32),
    /// The same in percent.
    Percent(f64, f64, f64, f64),
}

/// How large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Size {
    Full,
    /// At most so wide and so high, where said.
    Sides(Option<u32>, Option<u32>),
    /// Percent.
    Part(f64),
}

impl ImageRequest {
    /// Reads an address apart, where it is an image request.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let path = url.split(['?', '#']).next()?;
        let mut parts = path.rsplitn(5, '/');
        let (last, rotation, size, region, service) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (quality, format) = last.split_once('.')?;
        let is_quality = matches!(quality, "default" | "native" | "color" | "colour" | "gray" | "grey" | "bitonal");
        let is_format = matches!(format, "jpg" | "jpeg" | "png" | "webp" | "tif" | "gif" | "jp2");
        let turns = rotation.trim_start_matches('!').parse::<f64>().is_ok();
        // Below the host there has to be an identifier.
        let named = service.splitn(4, '/').nth(3).is_some_and(|identifier| !identifier.is_empty());
        if !(is_quality && is_format && turns && named) {
            return None;
        }
        Some(Self {
            service: service.to_owned(),
            region: Region::parse(region)?,
            size: Size::parse(size)?,
            region_text: region.to_owned(),
            rest: format!("{rotation}/{last}"),
        })
    }

    /// The same request of a service, with another size.
    pub(crate) fn with_size(&self, service: &str, size: &str) -> String {
        format!("{service}/{}/{size}/{}", self.region_text, self.rest)
    }
}

impl Region {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "full" => return Some(Self::Full),
            "square" => return Some(Self::Square),
            _ => {}
        }
        if let Some(numbers) = text.strip_prefix("pct:") {
            let [left, top, width, height] = four(numbers)?;
            return Some(Self::Percent(left, top, width, height));
        }
        let [left, top, width, height] = four(text)?;
        Some(Self::Pixels(left, top, width, height))
    }

    pub(crate) fn is_full(self) -> bool {
        self == Self::Full
    }

    /// Its width and height in a picture of this size; `None` where nothing is left of it.
    pub(crate) fn size(self, width: u32, height: u32) -> Option<(u32, u32)> {
        let (wide, high) = match self {
            Self::Full => (width, height),
            Self::Square => (width.min(height), width.min(height)),
            Self::Pixels(left, top, wide, high) => (wide.min(width.saturating_sub(left)), high.min(height.saturating_sub(top))),
            Self::Percent(_, _, wide, high) => {
                ((f64::from(width) * wide.min(100.0) / 100.0) as u32, (f64::from(height) * high.min(100.0) / 100.0) as u32)
            }
        };
        (wide > 0 && high > 0).then_some((wide, high))
    }
}

impl Size {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('^');
        if matches!(text, "full" | "max") {
            return Some(Self::Full);
        }
        if let Some(percent) = text.strip_prefix("pct:") {
            return percent.parse().ok().filter(|p: &f64| *p > 0.0).map(Self::Part);
        }
        let (width, height) = text.trim_start_matches('!').split_once(',')?;
        let side = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
        let (width, height) = (side(width)?, side(height)?);
        (width.is_some() || height.is_some()).then_some(Self::Sides(width, height))
    }
}

fn four<N: std::str::FromStr>(text: &str) -> Option<[N; 4]> {
    let numbers: Vec<N> = text.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_requests_are_read_apart_and_others_are_none() {
        let request = ImageRequest::parse("https://i.example/iiif/2/a%2Fb/pct:10,10,50.5,50/!200,300/!22.5/gray.png?x=1").unwrap();
        assert_eq!(request.service, "https://i.example/iiif/2/a%2Fb");
        assert_eq!((request.region, request.size), (Region::Percent(10.0, 10.0, 50.5, 50.0), Size::Sides(Some(200), Some(300))));
        assert_eq!(request.with_size("https://j.example", "9,"), "https://j.example/pct:10,10,50.5,50/9,/!22.5/gray.png");
        for other in [
            "https://m.example/pictures/full/1/2/default.html",
            "https://m.example/full/full/0/default.jpg",
            "https://m.example/a/full/huge/0/default.jpg",
            "https://m.example/a/full/full/zero/default.jpg",
            "https://m.example/a/b/c.jpg",
            "",
        ] {
            assert_eq!(ImageRequest::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_region_has_a_size_of_its_own() {
        assert_eq!(Region::Square.size(400, 300), Some((300, 300)));
        assert_eq!(Region::Pixels(300, 0, 200, 50).size(400, 300), Some((100, 50)));
        assert_eq!(Region::Pixels(900, 0, 200, 50).size(400, 300), None);
        assert_eq!(Region::Percent(0.0, 0.0, 50.0, 10.0).size(400, 300), Some((200, 30)));
    }
}

//! The address under which a part of a picture can be looked at by itself: a request of its IIIF image service.

use super::Seen;
use crate::tagging::Region;

/// A request of the picture's image service for a region of it; nothing where it has no service.
///
/// Where the picture that was looked at is the service's full size, the region is given in pixels; else in percent, which mean the same at every
/// size (Image API 3.0, section 4.1).
pub fn crop_link(seen: &Seen, region: &Region) -> Option<String> {
    let address = seen.through.as_deref().unwrap_or(seen.web_resource.as_str());
    let request = request(address);
    let (service, in_pixels, size) = match (&request, &seen.service) {
        (Some(r), _) => (r.service, matches!(r.size, "full" | "max" | "pct:100"), if r.size == "full" { "full" } else { "max" }),
        (None, Some(service)) => (service.trim_end_matches('/'), false, "max"),
        (None, None) => return None,
    };
    let Region { x, y, width, height } = *region;
    let part = if in_pixels {
        format!("{x},{y},{width},{height}")
    } else {
        let percent = |value: u32, whole: u32| {
            let text = format!("{:.4}", f64::from(value) * 100.0 / f64::from(whole.max(1)));
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        let (w, h) = (seen.width, seen.height);
        format!("pct:{},{},{},{}", percent(x, w), percent(y, h), percent(width, w), percent(height, h))
    };
    Some(format!("{service}/{part}/{size}/0/default.jpg"))
}

/// An address that is itself a request for the whole of a picture, upright.
struct Request<'r> {
    service: &'r str,
    size: &'r str,
}

fn request(address: &str) -> Option<Request<'_>> {
    let mut parts = address.split(['?', '#']).next()?.rsplitn(5, '/');
    let (last, rotation, size, region, service) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let quality = last.split('.').next().unwrap_or_default();
    let is_request = matches!(quality, "default" | "native" | "color" | "gray" | "grey" | "bitonal") && last.contains('.');
    let whole = region == "full" && rotation == "0" && service.contains("://");
    (is_request && whole).then_some(Request { service, size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::NamedNode;

    fn link(web_resource: &str, service: Option<&str>) -> Option<String> {
        let seen = Seen {
            web_resource: NamedNode::new_unchecked(web_resource),
            checksum: String::new(),
            width: 3000,
            height: 2000,
            decoder: String::new(),
            through: None,
            service: service.map(str::to_owned),
            notes: Vec::new(),
        };
        crop_link(&seen, &Region { x: 1622, y: 500, width: 145, height: 118 })
    }

    #[test]
    fn a_region_opens_by_itself() {
        let full = "https://iiif.example/image/7/full/full/0/default.jpg";
        assert_eq!(link(full, None).as_deref(), Some("https://iiif.example/image/7/1622,500,145,118/full/0/default.jpg"));
        let max = "https://iiif.example/image/7/full/max/0/default.jpg";
        assert_eq!(link(max, None).as_deref(), Some("https://iiif.example/image/7/1622,500,145,118/max/0/default.jpg"));
        let small = "https://iiif.example/image/7/full/!512,512/0/default.jpg";
        assert_eq!(link(small, None).as_deref(), Some("https://iiif.example/image/7/pct:54.0667,25,4.8333,5.9/max/0/default.jpg"));
        let plain = link("http://museum.example/1.jpg", Some("https://iiif.example/image/7/"));
        assert_eq!(plain.as_deref(), Some("https://iiif.example/image/7/pct:54.0667,25,4.8333,5.9/max/0/default.jpg"));
        assert_eq!(link("http://museum.example/1.jpg", None), None);
        assert_eq!(link("https://iiif.example/image/7/10,10,90,90/full/0/default.jpg", None), None, "a part of a part is not known");
    }
}

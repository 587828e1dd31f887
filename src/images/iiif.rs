//! IIIF image services: what a server can give of a picture (its `info.json`), and the address of just as much of it as is needed.
//!
//! Image API 1.1, 2 and 3. A server of level 0 gives only the sizes that it lists; others scale, and are asked in the canonical form, which
//! is the one that they keep ready.

use serde_json::Value;
use url::Url;

use super::{Enough, image_request::{ImageRequest, Region, Size}};

/// A listed size is taken instead of the very one that is needed, where it has at most so many times its width: servers keep those ready.
const LISTED_UP_TO: f64 = 1.6;

/// What is said of a picture by its image service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageService {
    /// The address under which its requests stand, without a slash at the end.
    base: String,
    /// 1, 2 or 3.
    version: u8,
    /// Whether it scales to any size.
    scales: bool,
    width: u32,
    height: u32,
    sizes: Vec<(u32, u32)>,
    max_width: Option<u32>,
    max_height: Option<u32>,
    max_area: Option<u64>,
}

impl ImageService {
    /// Reads an `info.json`. `asked` is the address under which it was asked for, less its name; `found` where it was found.
    pub(crate) fn read(info: &[u8], asked: &str, found: &str) -> Result<Self, &'static str> {
        let info: Value = serde_json::from_slice(info).map_err(|_| "its info.json is no JSON")?;
        let number = |key: &str| info.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
        let (Some(width), Some(height)) = (number("width"), number("height")) else {
            return Err("its info.json gives no width and height");
        };
        let version = version(&info).ok_or("its info.json is of no version of the Image API that we know")?;
        let max_width = number("maxWidth").or_else(|| in_profile(&info, "maxWidth"));
        let listed = |size: &Value| {
            let side = |key: &str| size.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
            Some((side("width")?, side("height")?))
        };
        let mut sizes: Vec<(u32, u32)> = info.get("sizes").and_then(Value::as_array).into_iter().flatten().filter_map(listed).collect();
        sizes.sort_unstable();
        Ok(Self {
            base: base(&info, asked, found),
            version,
            scales: level(&info) > 0,
            width,
            height,
            sizes,
            max_width,
            // Where only a width is given it holds for both sides.
            max_height: number("maxHeight").or_else(|| in_profile(&info, "maxHeight")).or(max_width),
            max_area: info.get("maxArea").and_then(Value::as_u64).or_else(|| in_profile(&info, "maxArea").map(u64::from)),
        })
    }

    /// The address of so much of the picture as is enough; `None` where the service cannot give less than the whole, or need not. `given` is
    /// the request that the provider's own address already is, if it is one: its region, rotation and quality stay.
    pub(crate) fn address(&self, given: Option<&ImageRequest>, enough: Enough) -> Option<String> {
        let region = given.map_or(Region::Full, |g| g.region);
        let (width, height) = region.size(self.width, self.height)?;
        let size = self.size(region, width, height, enough)?;
        if given.is_some_and(|g| g.gives_at_most(width, height, size)) {
            return None;
        }
        let text = self.size_text(size, (width, height));
        let quality = if self.version == 1 { "native" } else { "default" };
        Some(match given {
            Some(given) => given.with_size(&self.base, &text),
            None => format!("{}/full/{text}/0/{quality}.jpg", self.base),
        })
    }

    /// The size to ask for.
    fn size(&self, region: Region, width: u32, height: u32, enough: Enough) -> Option<(u32, u32)> {
        let part = enough.part(width, height).min(self.most(width, height));
        let scaled = |side: u32| ((f64::from(side) * part).ceil() as u32).clamp(1, side);
        let wanted = (scaled(width), scaled(height));
        let listed = self.sizes.iter().copied().filter(|(w, h)| region.is_full() && *w >= wanted.0 && *h >= wanted.1).min();
        match listed {
            Some(listed) if !self.scales || f64::from(listed.0) <= f64::from(wanted.0) * LISTED_UP_TO => Some(listed),
            _ if self.scales => Some(wanted),
            // The largest that a server of level 0 has, if it has any.
            _ => self.sizes.last().copied().filter(|_| region.is_full()),
        }
    }

    /// The largest part of the full size that the server gives.
    fn most(&self, width: u32, height: u32) -> f64 {
        let mut most: f64 = 1.0;
        most = self.max_width.map_or(most, |max| most.min(f64::from(max) / f64::from(width)));
        most = self.max_height.map_or(most, |max| most.min(f64::from(max) / f64::from(height)));
        self.max_area.map_or(most, |max| most.min((max as f64 / (f64::from(width) * f64::from(height))).sqrt()))
    }

    /// A size in its canonical form (Image API 2.1, section 4.7; 3.0, section 4.7).
    fn size_text(&self, (width, height): (u32, u32), full: (u32, u32)) -> String {
        match self.version {
            3 if (width, height) == full => "max".to_owned(),
            3 => format!("{width},{height}"),
            _ if (width, height) == full => "full".to_owned(),
            _ => format!("{width},"),
        }
    }
}

/// The version, by the context, the type or the profile.
fn version(info: &Value) -> Option<u8> {
    let mut said = Vec::new();
    for key in ["@context", "profile", "type", "protocol"] {
        texts(info.get(key), &mut said);
    }
    let says = |part: &str| said.iter().any(|text| text.contains(part));
    if says("/image/3/") || says("ImageService3") {
        Some(3)
    } else if says("/image/2/") || says("iiif.io/api/image") {
        Some(2)
    } else if says("image-api/1") || says("/image/1") {
        Some(1)
    } else {
        None
    }
}

/// The level of compliance. One that says nothing is taken to be able to scale: it is asked, and what fails is fetched whole.
fn level(info: &Value) -> u8 {
    let mut said = Vec::new();
    texts(info.get("profile"), &mut said);
    let features = ["sizeByW", "sizeByWh", "sizeByConfinedWh", "sizeByWH", "sizeByForcedWh"];
    let level = said.iter().find_map(|text| {
        let (_, digit) = text.rsplit_once("level")?;
        digit.chars().next()?.to_digit(10)
    });
    let can_more = said.iter().any(|text| features.contains(text)) || {
        let mut extra = Vec::new();
        texts(info.get("extraFeatures"), &mut extra);
        extra.iter().any(|text| features.contains(text))
    };
    if can_more { 1 } else { level.map_or(1, |level| level as u8) }
}

/// All texts in a value, however it is nested in lists and `supports`.
fn texts<'v>(value: Option<&'v Value>, into: &mut Vec<&'v str>) {
    match value {
        Some(Value::String(text)) => into.push(text),
        Some(Value::Array(items)) => items.iter().take(64).for_each(|item| texts(Some(item), into)),
        Some(Value::Object(map)) => texts(map.get("supports"), into),
        _ => {}
    }
}

/// A number that version 2 keeps in an object in `profile`.
fn in_profile(info: &Value, key: &str) -> Option<u32> {
    let parts = info.get("profile")?.as_array()?;
    parts.iter().find_map(|part| part.get(key)?.as_u64()).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0)
}

/// The service's own address, where it stands on the same host as its `info.json`; otherwise the one that was asked.
fn base(info: &Value, asked: &str, found: &str) -> String {
    let own = info.get("id").or_else(|| info.get("@id")).and_then(Value::as_str).unwrap_or_default().trim_end_matches('/');
    let host = |text: &str| Url::parse(text).ok().filter(|u| matches!(u.scheme(), "http" | "https")).map(|u| u.origin().ascii_serialization());
    let same = host(own).is_some_and(|own| Some(own) == host(found));
    if same { own.to_owned() } else { asked.trim_end_matches('/').to_owned() }
}

/// The image service for a web resource in a IIIF manifest (Presentation 2 or 3): that of the picture with its address, or the only one.
pub(crate) fn service_in_manifest(manifest: &[u8], web_resource: &str) -> Option<String> {
    let manifest: Value = serde_json::from_slice(manifest).ok()?;
    let mut all = Vec::new();
    let exact = services(&manifest, web_resource, &mut all);
    all.sort_unstable();
    all.dedup();
    exact.or_else(|| if let [only] = all.as_slice() { Some(only.clone()) } else { None })
}

/// Gathers every image service; gives the one that belongs to the web resource.
fn services(value: &Value, web_resource: &str, all: &mut Vec<String>) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| services(item, web_resource, all)),
        Value::Object(map) => {
            let own = map.get("service").and_then(image_service);
            let id = map.get("id").or_else(|| map.get("@id")).and_then(Value::as_str);
            if let Some(own) = own {
                if id == Some(web_resource) {
                    return Some(own);
                }
                // A thumbnail's service is another picture's, or the same one's.
                all.push(own);
            }
            map.iter().filter(|(key, _)| key.as_str() != "thumbnail").find_map(|(_, inner)| services(inner, web_resource, all))
        }
        _ => None,
    }
}

/// The address of an image service in the value of `service`.
fn image_service(service: &Value) -> Option<String> {
    if let Value::Array(services) = service {
        return services.iter().find_map(image_service);
    }
    let mut said = Vec::new();
    for key in ["@context", "profile", "type", "@type"] {
        texts(service.get(key), &mut said);
    }
    let is_image = said.iter().any(|text| text.contains("/image/") || text.starts_with("ImageService") || text.contains("image-api"));
    let id = service.get("id").or_else(|| service.get("@id"))?.as_str()?;
    is_image.then(|| id.trim_end_matches('/').to_owned())
}

impl ImageRequest {
    /// Whether this request already gives no more than the size that we would ask for.
    fn gives_at_most(&self, width: u32, height: u32, (wanted_width, wanted_height): (u32, u32)) -> bool {
        match self.size {
            Size::Full => width <= wanted_width && height <= wanted_height,
            Size::Sides(wide, high) => wide.is_none_or(|w| w <= wanted_width) && high.is_none_or(|h| h <= wanted_height),
            Size::Part(percent) => f64::from(width) * percent <= f64::from(wanted_width) * 100.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://iiif.museum.example/img/1";

    fn service(info: &str) -> ImageService {
        ImageService::read(info.as_bytes(), BASE, &format!("{BASE}/info.json")).unwrap()
    }

    fn v2(profile: &str, more: &str) -> ImageService {
        service(&format!(
            r#"{{"@context":"http://iiif.io/api/image/2/context.json","@id":"{BASE}","protocol":"http://iiif.io/api/image","width":4000,"height":3000,"profile":{profile}{more}}}"#
        ))
    }

    #[test]
    fn each_version_is_asked_in_its_own_form() {
        let two = v2(r#"["http://iiif.io/api/image/2/level2.json"]"#, "");
        assert_eq!(two.address(None, Enough::Shorter(512)).unwrap(), format!("{BASE}/full/683,/0/default.jpg"));
        assert_eq!(two.address(None, Enough::Whole).unwrap(), format!("{BASE}/full/full/0/default.jpg"));
        let three = service(
            r#"{"@context":"http://iiif.io/api/image/3/context.json","id":"https://iiif.museum.example/img/1","type":"ImageService3","protocol":"http://iiif.io/api/image","profile":"level1","width":3000,"height":4000}"#,
        );
        assert_eq!(three.address(None, Enough::Longer(512)).unwrap(), format!("{BASE}/full/384,512/0/default.jpg"));
        assert_eq!(three.address(None, Enough::Shorter(9000)).unwrap(), format!("{BASE}/full/max/0/default.jpg"));
        let one = service(
            r#"{"@context":"http://library.stanford.edu/iiif/image-api/1.1/context.json","@id":"https://iiif.museum.example/img/1","width":4000,"height":3000,"profile":"http://library.stanford.edu/iiif/image-api/1.1/compliance.html#level1"}"#,
        );
        assert_eq!(one.address(None, Enough::Longer(500)).unwrap(), format!("{BASE}/full/500,/0/native.jpg"));
    }

    #[test]
    fn listed_sizes_are_taken_where_they_fit_and_are_all_that_level_0_has() {
        let sizes = r#","sizes":[{"width":250,"height":188},{"width":500,"height":375},{"width":1000,"height":750},{"width":2000,"height":1500}]"#;
        let nothing = v2(r#""http://iiif.io/api/image/2/level0.json""#, sizes);
        assert_eq!(nothing.address(None, Enough::Shorter(300)).unwrap(), format!("{BASE}/full/500,/0/default.jpg"));
        assert_eq!(nothing.address(None, Enough::Shorter(376)).unwrap(), format!("{BASE}/full/1000,/0/default.jpg"));
        assert_eq!(nothing.address(None, Enough::Shorter(2900)).unwrap(), format!("{BASE}/full/2000,/0/default.jpg"));
        assert_eq!(v2(r#""http://iiif.io/api/image/2/level0.json""#, "").address(None, Enough::Shorter(300)), None);
        let scaling = v2(r#"["http://iiif.io/api/image/2/level1.json"]"#, sizes);
        assert_eq!(scaling.address(None, Enough::Shorter(300)).unwrap(), format!("{BASE}/full/500,/0/default.jpg"));
        assert_eq!(scaling.address(None, Enough::Shorter(400)).unwrap(), format!("{BASE}/full/534,/0/default.jpg"));
    }

    #[test]
    fn a_server_is_not_asked_for_more_than_it_gives() {
        let capped = v2(r#"["http://iiif.io/api/image/2/level2.json",{"maxWidth":600}]"#, "");
        assert_eq!(capped.address(None, Enough::Whole).unwrap(), format!("{BASE}/full/600,/0/default.jpg"));
        let small = v2(r#"["http://iiif.io/api/image/2/level2.json",{"maxArea":120000}]"#, "");
        assert_eq!(small.address(None, Enough::Shorter(512)).unwrap(), format!("{BASE}/full/400,/0/default.jpg"));
        let able = v2(r#"["http://iiif.io/api/image/2/level0.json",{"supports":["sizeByW"]}]"#, "");
        assert!(able.address(None, Enough::Shorter(300)).is_some());
    }

    #[test]
    fn what_the_provider_asks_for_stays_but_for_its_size() {
        let two = v2(r#"["http://iiif.io/api/image/2/level2.json"]"#, "");
        let given = |rest: &str| ImageRequest::parse(&format!("{BASE}/{rest}"));
        let address = |rest: &str| two.address(given(rest).as_ref(), Enough::Shorter(300));
        assert_eq!(address("full/full/0/default.jpg").unwrap(), format!("{BASE}/full/400,/0/default.jpg"));
        assert_eq!(address("0,0,1200,600/max/90/gray.png").unwrap(), format!("{BASE}/0,0,1200,600/600,/90/gray.png"));
        assert_eq!(address("full/350,/0/default.jpg"), None, "the provider's own address is smaller already");
        assert_eq!(address("full/!200,200/0/default.jpg"), None);
        assert_eq!(address("full/pct:5/0/default.jpg"), None);
        assert_eq!(address("full/pct:50/0/default.jpg").unwrap(), format!("{BASE}/full/400,/0/default.jpg"));
    }

    #[test]
    fn an_info_that_leads_elsewhere_or_nowhere_is_not_followed() {
        let elsewhere = r#"{"@context":"http://iiif.io/api/image/2/context.json","@id":"http://127.0.0.1/img","width":9,"height":9,"profile":"http://iiif.io/api/image/2/level2.json"}"#;
        assert!(service(elsewhere).address(None, Enough::Whole).unwrap().starts_with(BASE));
        for bad in ["{}", "<html>", r#"{"width":0,"height":3}"#, r#"{"width":-1,"height":3}"#, r#"{"width":5,"height":3}"#, "[]"] {
            assert!(ImageService::read(bad.as_bytes(), BASE, BASE).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_manifest_tells_the_service_of_a_picture() {
        let three = br#"{"@context":"http://iiif.io/api/presentation/3/context.json","type":"Manifest","items":[{"type":"Canvas","items":[{"type":"AnnotationPage","items":[{"body":{"id":"https://m.example/a.jpg","service":[{"id":"https://i.example/a/","type":"ImageService3"}]}}]}]},{"items":[{"body":{"id":"https://m.example/b.jpg","service":[{"@id":"https://i.example/b","@type":"ImageService2","profile":"level1"}]}}]}]}"#;
        assert_eq!(service_in_manifest(three, "https://m.example/a.jpg").unwrap(), "https://i.example/a");
        assert_eq!(service_in_manifest(three, "https://m.example/b.jpg").unwrap(), "https://i.example/b");
        assert_eq!(service_in_manifest(three, "https://m.example/c.jpg"), None, "of two pictures it is neither");
        let two = br#"{"@type":"sc:Manifest","sequences":[{"canvases":[{"images":[{"resource":{"@id":"https://i.example/x/full/full/0/default.jpg","service":{"@context":"http://iiif.io/api/image/2/context.json","@id":"https://i.example/x","profile":"http://iiif.io/api/image/2/level2.json"}}}]}]}]}"#;
        assert_eq!(service_in_manifest(two, "https://elsewhere.example/1.jpg").unwrap(), "https://i.example/x");
        assert_eq!(service_in_manifest(b"no json", "x"), None);
    }
}
